/** What the coordinator shows of its workers: the process as one, to each caller what its token lets it see. */
import { describe, expect, it } from 'vitest'
import { VIEWERS_MAX } from '../../src/service/observe/watchers.ts'
import type { Service } from '../../src/service/service.ts'
import { type ObservedProcess, observedProcess } from './observed-process.ts'

const FILE = `
policies:
  - { name: users, key: user, rules: [2/min] }
  - { name: shop, match: { domain: shop }, key: user, rules: [1/min] }
`
const TOKENS = `
tokens:
  - { name: all, hash: 'TOKEN(all)', scopes: [read] }
  - { name: shop, hash: 'TOKEN(shop)', scopes: [read], domains: [shop] }
  - { name: spender, hash: 'TOKEN(spender)', scopes: [consume] }
`
const DECISIONS = 'headgate_decisions_total{policy="users"'

describe('the workers of a process', () => {
  it('count together on metrics, statistics, usage, denials and keys', async () => {
    await using at = await observedProcess(FILE, 2)
    const ids = await consumeAll(at, 5)
    const { service, observer } = at
    expect(await sum(at, DECISIONS)).toBe(10)
    expect(await sum(at, 'headgate_decision_duration_seconds_count')).toBe(10)
    expect(await observer.statistics(service)).toMatchObject({
      totalRequests: 10,
      allowed: 2,
      denied: 8,
      byVerb: { consume: 10 },
    })
    const { denials, since } = await observer.denials(service, { limit: 100 })
    expect(new Set(denials.map(({ id }) => id))).toEqual(new Set(ids))
    expect(since).toBeNull()
    for (const id of ids) expect(await observer.denial(service, id)).toMatchObject({ id })
    const top = await observer.top(service, { by: 'requests', count: 1 })
    expect(top).toMatchObject({ total: 10, keys: [{ policy: 'users', key: 'ada', count: 10, error: 0 }] })
    expect(await observer.health(service)).toMatchObject({ decisions: { store: 10 } })
  })

  it('lose nothing that they had counted or denied where one of them ends', async () => {
    await using at = await observedProcess(FILE, 2)
    const ids = await consumeAll(at, 5)
    await at.replace(0, 'end')
    expect(await sum(at, DECISIONS)).toBe(10)
    expect((await at.observer.statistics(at.service)).totalRequests).toBe(10)
    const { denials, since } = await at.observer.denials(at.service, { limit: 100 })
    expect(new Set(denials.map(({ id }) => id))).toEqual(new Set(ids))
    expect(since).toBeNull()
  })

  it('let no counter go back where one is terminated, and say which denials are lost', async () => {
    await using at = await observedProcess(FILE, 2)
    await consumeAll(at, 5)
    expect(await sum(at, DECISIONS)).toBe(10)
    await at.replace(0, 'terminate')
    expect(await sum(at, DECISIONS)).toBe(10)
    await consumeAll(at, 1)
    expect(await sum(at, DECISIONS)).toBe(12)
    const counted = await at.observer.statistics(at.service)
    expect(counted.totalRequests).toBe(12)
    const { since } = await at.observer.denials(at.service, { limit: 1 })
    expect(since).toBeGreaterThanOrEqual(counted.since)
  })

  it('stand as they were last known where one does not answer', async () => {
    await using at = await observedProcess(FILE, 2)
    await consumeAll(at, 5)
    expect(await sum(at, DECISIONS)).toBe(10)
    at.hang(1)
    expect(await sum(at, DECISIONS)).toBe(10)
  })

  it('are asked nothing more where one has not answered yet', async () => {
    await using at = await observedProcess(FILE, 2)
    const asked = at.hang(1)
    await at.observer.statistics(at.service)
    expect(asked()).toBe(1)
    await at.observer.denials(at.service, { limit: 1 })
    await at.observer.top(at.service, { by: 'requests', count: 1 })
    await at.metrics()
    expect(asked()).toBe(1)
  })

  it('forget of those that have ended what the configuration does not have any more', async () => {
    await using at = await observedProcess(FILE, 2)
    await consumeAll(at, 5)
    expect(await sum(at, DECISIONS)).toBe(10)
    await at.replace(0, 'end')
    at.apply('policies: [{ name: other, key: user, rules: [1/min] }]')
    expect(await sum(at, DECISIONS)).toBe(0)
    const { policies, totalRequests } = await at.observer.statistics(at.service)
    expect([policies, totalRequests]).toEqual([
      [{ policy: null, allowed: 2, denied: 8, shadowDenied: 0, rules: [] }],
      10,
    ])
  })

  it('are shown to a token as far as it reaches', async () => {
    await using at = await observedProcess(FILE + TOKENS, 2)
    for (const worker of at.workers) await deny(worker, { user: 'ada' })
    for (const worker of at.workers) await deny(worker, { user: 'bob', domain: 'shop' })
    const { observer } = at
    const shop = at.as('shop')
    const seen = (await observer.denials(shop, { limit: 100 })).denials
    expect(new Set(seen.map(({ policy }) => policy))).toEqual(new Set(['shop']))
    expect(new Set(seen.flatMap(({ keys }) => keys.map(({ policy }) => policy)))).toEqual(new Set(['shop']))
    const { keys } = await observer.top(shop, { by: 'requests', count: 100 })
    expect(new Set(keys.map(({ policy }) => policy))).toEqual(new Set(['shop']))
    const statistics = await observer.statistics(shop)
    expect(statistics.policies.map(({ policy }) => policy)).toEqual(['shop'])
    expect(statistics).toMatchObject({ bySource: null, rates: null, latency: null })
    await expect(observer.denials(at.as('spender'), { limit: 1 })).rejects.toThrow(/scope read/)
  })
})

describe('who watches a process of several workers', () => {
  it('is told of what happens in each of them, also in one that begins later, and nothing while nobody watches', async () => {
    await using at = await observedProcess(FILE, 2)
    const one = watch(at, at.service)
    for (const worker of at.workers) await untilTold(at, worker, one)
    const later = await at.replace(1, 'end')
    await untilTold(at, later, one)
    one.leave()
    const before = one.events('denial').length
    await deny(later, { user: 'ada' })
    await at.observer.denials(at.service, { limit: 1 })
    expect(one.events('denial')).toHaveLength(before)
  })

  it('sees of them each second the counts of all, and how much had no room', async () => {
    await using at = await observedProcess(FILE, 2)
    const one = watch(at, at.service)
    // Until it is known in all threads that somebody watches.
    await at.observer.denials(at.service, { limit: 1 })
    for (const worker of at.workers) {
      for (let i = 0; i < 50; i++) await worker.decide([{ who: { user: 'ada' } }], ORIGIN)
    }
    await at.observer.denials(at.service, { limit: 1 })
    expect(one.events('denial').length).toBeLessThanOrEqual(20)
    at.second()
    await expect.poll(() => one.events('snapshot')).toHaveLength(1)
    const [snapshot] = one.events('snapshot')
    expect(snapshot).toMatchObject({ totalRequests: 100, top: { requests: { keys: [{ count: 100 }] } } })
    at.second()
    await expect.poll(() => one.events('snapshot')).toHaveLength(2)
    const omitted = one.events('snapshot').map((each) => each.omitted.denial ?? 0)
    expect(one.events('denial').length + omitted.reduce((sum, count) => sum + count, 0)).toBe(98)
  })

  it('is told what its token reaches alone', async () => {
    await using at = await observedProcess(FILE + TOKENS, 2)
    const [all, shop] = [watch(at, at.as('all')), watch(at, at.as('shop'))]
    for (const worker of at.workers) {
      await untilTold(at, worker, all)
      await untilTold(at, worker, shop, { user: 'bob', domain: 'shop' })
    }
    expect(new Set(shop.events('denial').map(({ policy }) => policy))).toEqual(new Set(['shop']))
    expect(new Set(all.events('denial').map(({ policy }) => policy))).toContain('users')
  })

  it('is for so many at once in all', async () => {
    await using at = await observedProcess(FILE, 2)
    for (let i = 0; i < VIEWERS_MAX; i++) watch(at, at.service)
    expect(at.observer.watch(at.service, { send: () => true, end: () => {} })).toBeNull()
  })
})

const ORIGIN = { transport: 'http' } as const

/** Asks for one user in all workers; answers the ids of denials. */
async function consumeAll(at: ObservedProcess, each: number): Promise<string[]> {
  const ids: string[] = []
  for (const worker of at.workers) {
    for (let i = 0; i < each; i++) {
      const decided = await worker.decide([{ who: { user: 'ada' } }], ORIGIN)
      ids.push(...decided.ids.filter((id) => id !== null))
    }
  }
  return ids
}

/** Asks until it is denied, at least once. */
async function deny(worker: Service, who: Record<string, string>): Promise<void> {
  for (let i = 0; i < 3; i++) await worker.decide([{ who }], ORIGIN)
}

/** The sum of all series that begin like that. */
async function sum(at: ObservedProcess, begin: string): Promise<number> {
  const lines = (await at.metrics()).split('\n').filter((line) => line.startsWith(begin))
  return lines.reduce((total, line) => total + Number(line.slice(line.lastIndexOf(' ') + 1)), 0)
}

/** Has a worker deny until somebody who watches has been told of it, which is not before the worker knows that somebody does. */
async function untilTold(
  at: ObservedProcess,
  worker: Service,
  watching: Watching,
  who: Record<string, string> = { user: 'ada' },
): Promise<void> {
  const ids = new Set<string | null>()
  const poll = expect.poll(async () => {
    at.second()
    for (let i = 0; i < 3; i++) ids.add((await worker.decide([{ who }], ORIGIN)).ids[0] ?? null)
    return watching.events('denial').some(({ id }) => ids.has(id))
  })
  await poll.toBe(true)
}

interface Watching {
  // biome-ignore lint/suspicious/noExplicitAny: tests read whatever JSON they expect
  events(kind: string): any[]
  leave(): void
}

function watch({ observer }: ObservedProcess, caller: Service): Watching {
  const all: { readonly event: string; readonly json: string }[] = []
  const send = (event: string, json: string): boolean => all.push({ event, json }) > 0
  const leave = observer.watch(caller, { send, end: () => {} })
  return {
    events: (kind) => all.filter(({ event }) => event === kind).map(({ json }) => JSON.parse(json)),
    leave: () => leave?.(),
  }
}
