/** What was before somebody looked: decisions of each second, and changes of the configuration. */
import { describe, expect, it } from 'vitest'
import { type ObservedService, observed } from './observed-service.ts'

const FILE = `
policies:
  - { name: users, key: user, rules: [2/min] }
  - { name: shop, match: { domain: shop }, key: user, mode: shadow, rules: [1/min] }
`
const RUNTIME = '\nruntime: { policies: true }\n'
const TOKENS = `
tokens:
  - { name: all, hash: 'TOKEN(all)', scopes: [read] }
  - { name: shop, hash: 'TOKEN(shop)', scopes: [read], domains: [shop] }
  - { name: spender, hash: 'TOKEN(spender)', scopes: [consume] }
`
const REJECTION = {
  file: null,
  path: 'policies[0].rules',
  line: 3,
  column: 5,
  message: 'it is wrong',
  more: 0,
}

/** A second passes, and what it brings is counted. */
async function second(at: ObservedService): Promise<void> {
  at.second()
  await at.observer.statistics(at.service)
}

describe('the history of decisions', () => {
  it('is what was decided in each second, oldest first, also while nobody watches', async () => {
    await using at = observed(FILE)
    expect(at.observer.history(at.service)).toEqual([])
    for (let i = 0; i < 3; i++) await at.consume({ user: 'alice', domain: 'shop' })
    await second(at)
    await second(at)
    await at.consume({ user: 'bob' })
    await second(at)
    const samples = at.observer.history(at.service) ?? []
    expect(samples.map(({ at: _, ...counts }) => counts)).toEqual([
      { allowed: 2, denied: 1, shadowDenied: 2 },
      { allowed: 0, denied: 0, shadowDenied: 0 },
      { allowed: 1, denied: 0, shadowDenied: 0 },
    ])
    const times = samples.map((sample) => sample.at)
    expect(times.map((time) => time - (times[0] as number))).toEqual([0, 1000, 2000])
  })

  it('has 300 seconds', async () => {
    await using at = observed(FILE)
    await at.consume({ user: 'alice' })
    for (let i = 0; i < 301; i++) await second(at)
    const samples = at.observer.history(at.service) ?? []
    expect(samples).toHaveLength(300)
    expect(samples.every(({ allowed }) => allowed === 0)).toBe(true)
  })

  it('is of all policies, so that a token of some is told none', async () => {
    await using at = observed(FILE + TOKENS)
    await second(at)
    expect(at.observer.history(at.as('all'))).toHaveLength(1)
    expect(at.observer.history(at.as('shop'))).toBeNull()
    expect(() => at.observer.history(at.as('spender'))).toThrow(/scope read/)
  })
})

describe('the history of configurations', () => {
  it('has the start, other files and why one was rejected, newest first', async () => {
    await using at = observed(FILE)
    const { hash } = at.service.configuration()
    at.service.reject(REJECTION)
    at.service.apply(at.service.configuration())
    at.apply(FILE.replace('2/min', '3/min'))
    const next = at.service.configuration().hash
    const changes = at.observer.configurationHistory(at.service)
    expect(changes.map(({ at: _, ...change }) => change)).toEqual([
      { outcome: 'in-force', hash: next, reason: null, path: null, what: 'another file' },
      {
        outcome: 'in-force',
        hash,
        reason: null,
        path: null,
        what: 'what was in force before, offered again',
      },
      {
        outcome: 'rejected',
        hash,
        reason: 'line 3: it is wrong',
        path: 'policies[0].rules',
        what: 'a configuration that is wrong',
      },
      { outcome: 'in-force', hash, reason: null, path: null, what: 'the start of the process' },
    ])
  })

  it('says where in a folder one is wrong, and how often', async () => {
    await using at = observed(FILE)
    at.service.reject({ ...REJECTION, file: 'b.yaml', line: null, more: 2 })
    expect(at.observer.configurationHistory(at.service)[0]?.reason).toBe('b.yaml: it is wrong (and 2 more)')
  })

  it('says what was changed at run time, and by whom', async () => {
    await using at = observed(FILE + RUNTIME)
    const request = { transport: 'admin', expected: 'any' } as const
    await at.changes.put(
      'extra',
      { key: 'user', rules: ['5/min'] },
      { ...request, expected: 'none', actor: 'ops' },
    )
    await at.changes.setShadow(true, request)
    const [shadow, put, ...others] = at.observer.configurationHistory(at.service)
    expect([shadow?.what, put?.what]).toEqual([
      'at run time: the switch that puts all policies in shadow, over admin',
      'at run time: put of the policy extra by the token ops, over admin',
    ])
    expect(shadow?.hash).toBe(at.service.configuration().hash)
    expect(others).toHaveLength(1)
  })

  it('tells a change of another instance from another file', async () => {
    await using at = observed(FILE + RUNTIME)
    const { runtime: _, ...configuration } = at.service.configuration()
    at.service.apply({ ...configuration, hash: 'b', runtime: { version: '1-a', shadow: true, policies: [] } })
    at.service.apply({ ...configuration, hash: 'c', runtime: { version: '1-a', shadow: true, policies: [] } })
    const [file, run] = at.observer.configurationHistory(at.service)
    expect(run?.what).toMatch(/^at run time: a change that was made at another instance/)
    expect(file?.what).toBe('another file')
  })

  it('has 20 changes, and is for tokens of all', async () => {
    await using at = observed(FILE + TOKENS)
    for (let i = 0; i < 30; i++) at.service.reject({ ...REJECTION, line: i })
    const changes = at.observer.configurationHistory(at.as('all'))
    expect(changes).toHaveLength(20)
    expect(changes[0]?.reason).toBe('line 29: it is wrong')
    expect(() => at.observer.configurationHistory(at.as('shop'))).toThrow(/about all of them/)
    expect(() => at.observer.configurationHistory(at.as('spender'))).toThrow(/scope read/)
  })
})
