import { type Decision, memoryStore, type ResilienceOptions, type Store } from 'headgate'
import { guarded } from 'headgate/resilience'
import { manualClock } from 'headgate/testing'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { Configuration } from './configuration.ts'
import type { DecideOptions } from './create-decide.ts'
import { createService } from './create-service.ts'
import type { Service } from './service.ts'

const base: Configuration = {
  policies: [{ name: 'api', key: 'user', rules: ['2/min'] }],
  allow: { ip: ['10.0.0.0/8'] },
  deny: { apiKey: ['revoked-1'] },
  notInForce: [],
  hash: 'abc',
}
const alice = { user: 'alice' }
const test = { transport: 'test' } as const

function onMemory(changes: Partial<Configuration> = {}): Service {
  const store = memoryStore({ clock: manualClock() })
  return createService({
    configuration: { ...base, ...changes },
    store: { store, label: 'memory', resilience: {}, ping: async () => {} },
  })
}

/** A store that never answers. */
function silent(resilience: ResilienceOptions, changes: Partial<Configuration> = {}): Service {
  const never = (): Promise<never> => new Promise(() => {})
  const store: Store = guarded({
    decide: never,
    refund: never,
    reset: never,
    block: never,
    ping: never,
    close: async () => {},
  })
  const configuration = { ...base, ...changes }
  return createService({ configuration, store: { store, label: 'silent', resilience, ping: never } })
}

async function decideOne(
  service: Service,
  request: Parameters<Service['decide']>[0][number],
  options: DecideOptions = test,
): Promise<Decision> {
  const { decisions } = await service.decide([request], options)
  return decisions[0] as Decision
}

afterEach(() => {
  vi.useRealTimers()
})

describe('the service', () => {
  it('spends with consume, not with peek, and forgets with reset', async () => {
    const service = onMemory()
    const left = (): Promise<Decision> =>
      decideOne(service, { who: alice, cost: 0 }, { ...test, verb: 'peek' })
    expect(await decideOne(service, { who: alice }, { ...test, verb: 'peek' })).toMatchObject({
      remaining: 1,
    })
    expect(await left()).toMatchObject({ remaining: 2 })
    expect(await decideOne(service, { who: alice, cost: 2 })).toMatchObject({ allowed: true, remaining: 0 })
    expect(await decideOne(service, { who: alice })).toMatchObject({ allowed: false, reason: 'limited' })
    expect(await service.reset(alice, test)).toEqual(['api'])
    expect(await left()).toMatchObject({ remaining: 2 })
  })

  it('charges into debt, and credits without a receipt', async () => {
    const service = onMemory()
    await decideOne(service, { who: alice, verb: 'charge', cost: 3 })
    expect(await decideOne(service, { who: alice, cost: 0 })).toMatchObject({ allowed: false })
    await decideOne(service, { who: alice, verb: 'credit', cost: 3 })
    expect(await decideOne(service, { who: alice, cost: 2 })).toMatchObject({ allowed: true })
  })

  it('refunds a spend by its receipt, once, and tells of whose budgets', async () => {
    const service = onMemory()
    const returned: unknown[] = []
    service.on('returned', ({ keys }) => returned.push(keys()))
    const { receipt } = await decideOne(service, { who: alice, cost: 2 })
    const text = (await service.seal(receipt as NonNullable<typeof receipt>)) as string
    expect(await service.refund(text)).toBe(2)
    expect(await service.refund(text)).toBe(0)
    expect(returned).toEqual([service.keysOf(alice)])
    expect(await decideOne(service, { who: alice, cost: 2 })).toMatchObject({ allowed: true })
  })

  it('decides several requests together: all are spent, or none', async () => {
    const service = onMemory()
    const bob = { user: 'bob' }
    const denied = await service.decide(
      [
        { who: alice, cost: 2 },
        { who: bob, cost: 3 },
      ],
      test,
    )
    expect([denied.allowed, denied.decisions.length]).toEqual([false, 2])
    const both = await service.decide(
      [
        { who: alice, cost: 2 },
        { who: bob, cost: 2 },
      ],
      test,
    )
    expect(both.decisions.map(({ remaining }) => remaining)).toEqual([0, 0])
  })

  it('names the budgets of a request, those of rules of calls too, without asking the store', () => {
    const service = silent({})
    expect(service.keysOf(alice)).toEqual([{ policy: 'api', key: 'alice' }])
    expect(service.keysOf('k', { policy: 'http' })).toEqual([{ policy: 'http', key: 'k' }])
  })

  it('refuses to reset nobody', async () => {
    const service = onMemory({
      policies: [...base.policies, { name: 'all', key: 'global', rules: ['9/min'] }],
    })
    await expect(service.reset({ tenant: 'a' }, test)).rejects.toMatchObject({ code: 'invalid-key' })
    expect(await service.reset(alice, test)).toEqual(['api'])
    expect(await service.reset({}, { ...test, policy: 'all' })).toEqual(['all'])
  })

  it('lets the allow list through without spending', async () => {
    const service = onMemory()
    const decision = await decideOne(service, { who: { ...alice, ip: '10.1.1.1' }, cost: 5 })
    expect(decision).toMatchObject({
      allowed: true,
      reason: 'unmatched',
      source: 'none',
      cost: 5,
      receipt: null,
    })
    expect(await decideOne(service, { who: alice, cost: 0 })).toMatchObject({ remaining: 2 })
  })

  it('turns the deny list away for ever, even when it is on the allow list', async () => {
    const who = { ip: '10.1.1.1', apiKey: 'revoked-1' }
    expect(await decideOne(onMemory(), { who })).toMatchObject({
      allowed: false,
      reason: 'denied-by-policy',
      retryAfterMs: null,
      rules: [],
    })
  })

  it('refuses a wrong cost or an unknown policy whatever the lists say', async () => {
    const service = onMemory()
    const who = { ip: '10.1.1.1' }
    await expect(decideOne(service, { who, cost: -1 })).rejects.toMatchObject({ code: 'invalid-cost' })
    await expect(decideOne(service, { who, policy: 'nope' })).rejects.toMatchObject({
      code: 'unknown-policy',
    })
    expect(await decideOne(service, { who, policy: 'api' })).toMatchObject({ reason: 'unmatched' })
  })

  it('is ready until it drains, and still decides then', async () => {
    const service = onMemory()
    const configuration = { hash: 'abc', rejected: null }
    expect(await service.readiness()).toEqual({ ready: true, configuration })
    service.drain()
    expect(await service.readiness()).toMatchObject({ ready: false, code: 'closed', detail: 'shutting down' })
    expect(await decideOne(service, { who: alice })).toMatchObject({ allowed: true })
  })

  it('decides without a silent store, within its deadline, as the policies want it', async () => {
    const local = silent({ deadlineMs: 5, replicas: 2 })
    expect(await decideOne(local, { who: alice })).toMatchObject({ allowed: true, source: 'fallback' })
    const open = silent({ deadlineMs: 5, onStoreError: 'open' })
    expect(await decideOne(open, { who: alice, verb: 'peek' })).toMatchObject({
      allowed: true,
      source: 'open',
    })
    const closed = silent({ deadlineMs: 5, onStoreError: 'closed' })
    for (const verb of ['consume', 'peek', 'charge'] as const) {
      const decided = decideOne(closed, { who: alice, verb, cost: 1 })
      await expect(decided).rejects.toMatchObject({ code: 'store-unavailable' })
    }
    await expect(closed.reset(alice, test)).rejects.toMatchObject({ code: 'store-unavailable' })
    await Promise.all([local, open, closed].map((service) => service.close()))
  })

  it('lets a group pass by a request whose policy is not closed, while the store does not answer', async () => {
    const policies = (['open', 'closed'] as const).map((name) => {
      return { name, key: 'user', rules: ['2/min'], onStoreError: name }
    })
    const service = silent({ deadlineMs: 5 }, { policies })
    const [open, closed] = policies.map(({ name }) => ({ who: alice, policy: name, anyOf: 'either' }))
    if (open === undefined || closed === undefined) throw new Error('two policies are needed')
    expect(await service.decide([closed, open], test)).toMatchObject({ allowed: true })
    await expect(service.decide([{ ...closed, anyOf: 'alone' }, open], test)).rejects.toMatchObject({
      code: 'store-unavailable',
    })
    await service.close()
  })

  it('waits for the store no longer than the caller does', async () => {
    vi.useFakeTimers()
    const service = silent({ deadlineMs: 500 })
    const decided = decideOne(service, { who: alice }, { ...test, deadlineMs: 5 })
    await vi.advanceTimersByTimeAsync(10)
    expect(await decided).toMatchObject({ source: 'fallback' })
    await service.close()
  })

  it('gives a silent store 1 s to be ready, and none while its breaker is open', async () => {
    vi.useFakeTimers()
    const notReady = { ready: false, code: 'store-unavailable', detail: 'the store does not answer' }
    const service = silent({})
    const ready = service.readiness()
    expect(service.readiness()).toStrictEqual(ready)
    await vi.advanceTimersByTimeAsync(1000)
    expect(await ready).toMatchObject(notReady)
    const asked = Array.from({ length: 5 }, () => decideOne(service, { who: alice }))
    await vi.advanceTimersByTimeAsync(20)
    await Promise.all(asked)
    expect(await service.readiness()).toMatchObject(notReady)
    await service.close()
    expect(vi.getTimerCount()).toBe(0)
  })

  it('closes limiter and store', async () => {
    const service = onMemory()
    await service.close()
    await expect(decideOne(service, { who: alice })).rejects.toMatchObject({ code: 'closed' })
  })
})

describe('events of the service', () => {
  it('tell each decision with its verb, transport, duration and cost', async () => {
    const service = onMemory()
    const heard: unknown[] = []
    service.on('decision', (event) => heard.push(event))
    const { decisions } = await service.decide([{ who: alice }, { who: alice, verb: 'charge', cost: 3 }], {
      transport: 'toy',
    })
    expect(heard).toEqual(
      (['consume', 'charge'] as const).map((verb, i) => ({
        decision: decisions[i],
        id: null,
        request: expect.objectContaining({ who: alice }),
        verb,
        transport: 'toy',
        durationMs: expect.any(Number),
        cost: [1, 3][i],
        joint: { place: i },
      })),
    )
  })

  it('tell decisions by the lists as well', async () => {
    const service = onMemory()
    const reasons: string[] = []
    service.on('decision', ({ decision }) => reasons.push(decision.reason))
    await decideOne(service, { who: { apiKey: 'revoked-1' } })
    await decideOne(service, { who: { ip: '10.0.0.1' } })
    expect(reasons).toEqual(['denied-by-policy', 'unmatched'])
  })

  it('tell a failure, and whose it is', () => {
    const service = onMemory()
    const heard = vi.fn()
    service.on('failure', heard)
    const failure = service.fail(new Error('boom'), test)
    expect(failure).toMatchObject({ code: 'internal', isCallers: false })
    expect(heard.mock.calls).toEqual([[{ failure, transport: 'test' }]])
  })

  it('tell every decision that was made without the store', async () => {
    const service = silent({ deadlineMs: 5 })
    const heard = vi.fn()
    service.on('degraded', heard)
    await decideOne(service, { who: alice })
    expect(heard).toHaveBeenCalledOnce()
    expect(heard.mock.calls[0]?.[0].health()).toMatchObject({ decisions: { fallback: 1 } })
    await service.close()
  })

  it.each([
    ['local', 'fallback', [expect.objectContaining({ used: 0 })]],
    ['open', 'open', []],
    ['closed', 'closed', []],
  ] as const)(
    'tell by the source that usage is not that of the store, with %s',
    async (how, source, rules) => {
      const service = silent({ deadlineMs: 5, onStoreError: how })
      expect(await service.usage(alice)).toMatchObject([{ policy: 'api', blockedForMs: null, source, rules }])
      await service.close()
    },
  )

  it('fail no request where a listener throws', async () => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
    const service = onMemory()
    service.on('decision', () => {
      throw new Error('the counter broke')
    })
    expect(await decideOne(service, { who: alice })).toMatchObject({ allowed: true })
    expect(warn.mock.calls[0]?.[0]).toContain('the counter broke')
    warn.mockRestore()
  })
})

describe('another configuration', () => {
  const next: Configuration = {
    hash: 'def',
    policies: [{ name: 'api', key: 'user', rules: ['5/min'] }],
    allow: {},
    deny: { user: ['mallory'] },
    notInForce: [{ path: 'policies[0].ban', message: 'policies[0].ban is not in force' }],
  }

  it('comes into force as a whole, and spends go on counting', async () => {
    const service = onMemory()
    const heard = vi.fn()
    service.on('configuration', heard)
    await decideOne(service, { who: alice, cost: 2 })
    service.apply(next)
    const { notInForce } = next
    expect(heard.mock.calls).toEqual([[{ hash: 'def', policies: 1, notInForce, isNew: true }]])
    expect(service.policies()).toEqual({ ...next, allow: {}, deny: { user: 1 }, rejected: null })
    expect(await decideOne(service, { who: alice })).toMatchObject({ allowed: true, limit: 5, remaining: 2 })
    expect(await decideOne(service, { who: { user: 'mallory' } })).toMatchObject({
      reason: 'denied-by-policy',
    })
    const fromInside = { who: { ...alice, ip: '10.1.1.1' } }
    expect(await decideOne(service, fromInside)).toMatchObject({ reason: 'within-limit' })
  })

  it('that is wrong changes nothing', async () => {
    const service = onMemory()
    const heard = vi.fn()
    service.on('configuration', heard)
    const wrong = { ...next, policies: [{ name: 'api', key: 'user', rules: ['many'] }] }
    expect(() => service.apply(wrong)).toThrow('policies[0].rules[0].limit')
    expect(heard).not.toHaveBeenCalled()
    expect(service.policies()).toMatchObject({ hash: 'abc', allow: { ip: 1 } })
    expect(await decideOne(service, { who: alice })).toMatchObject({ limit: 2 })
  })

  it('that is rejected is told once a reason, and shown until one is applied', async () => {
    const service = onMemory()
    const [rejections, applied] = [vi.fn(), vi.fn()]
    service.on('configuration-rejected', rejections)
    service.on('configuration', applied)
    const rejected = { file: null, path: 'policies', line: 1, column: 1, message: 'is missing', more: 0 }
    for (let i = 0; i < 3; i++) service.reject({ ...rejected })
    expect(rejections.mock.calls).toEqual([[{ hash: 'abc', rejected }]])
    expect(service.policies()).toMatchObject({ hash: 'abc', rejected })
    expect(await service.readiness()).toEqual({ ready: true, configuration: { hash: 'abc', rejected } })
    service.apply(base)
    service.apply(base)
    expect(applied.mock.calls).toEqual([[{ hash: 'abc', policies: 1, notInForce: [], isNew: false }]])
    expect((await service.readiness()).configuration).toEqual({ hash: 'abc', rejected: null })
  })
})
