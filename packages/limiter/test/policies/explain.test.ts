import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Explanation, PolicyExplanation } from '../../src/core/explanation.ts'
import type { PolicyOptions } from '../../src/core/policy-options.ts'
import type { Store, SyncStore } from '../../src/core/store.ts'
import { createLimiter } from '../../src/create-limiter.ts'
import { memoryStore } from '../../src/stores/memory/index.ts'
import { manualClock } from '../../src/testing/manual-clock.ts'

const rules = ['5/min']
const policies: PolicyOptions[] = [
  { name: 'all', key: 'global', rules: ['100/min'] },
  {
    name: 'api',
    key: 'user',
    match: { path: '/api/**', method: ['GET', 'POST'] },
    rules,
    choose: { group: 'g', by: 'path' },
  },
  {
    name: 'users',
    key: ['user', 'tenant'],
    missing: 'ip',
    match: { path: '/api/users/*' },
    rules,
    choose: { group: 'g', by: 'path' },
    overrides: [
      { match: { user: 'x' }, rules: { '1m': { limit: '9/min' } } },
      { match: { ip: '192.0.2.0/24' }, rules: { '1m': { limit: '7/min' } } },
    ],
  },
  { name: 'keys', key: 'apiKey', missing: 'skip', rules },
  { name: 'off', key: 'user', rules, mode: 'off' },
  { name: 'ip', key: 'ip', match: { ip: ['10.0.0.0/8', '::/0'] }, rules, cost: 3 },
]
const who = { user: 'alice', ip: '::ffff:192.0.2.1', path: '//api/users/%37?q', method: 'GET' }
const limiter = createLimiter({
  policies,
  deny: [{ user: 'mallory', path: '/api/**' }],
  store: memoryStore({ clock: manualClock() }),
})

const of = ({ policies: all }: Explanation, name: string): PolicyExplanation =>
  all.find(({ policy }) => policy === name) as PolicyExplanation

describe('explain', () => {
  it('says of every policy what becomes of it', async () => {
    const explanation = await limiter.explain(who)
    expect(explanation.policies.map(({ policy, outcome }) => [policy, outcome])).toEqual([
      ['all', 'applies'],
      ['api', 'not-chosen'],
      ['users', 'applies'],
      ['keys', 'without-key'],
      ['off', 'off'],
      ['ip', 'unmatched'],
    ])
    expect(explanation.listed).toBeNull()
  })

  it('says which attribute had which value, and what was wanted', async () => {
    const explanation = await limiter.explain({ ...who, method: 'PUT' })
    expect(of(explanation, 'api')).toEqual({
      policy: 'api',
      outcome: 'unmatched',
      conditions: [
        { attribute: 'path', value: '/api/users/7', met: true, wanted: ['/api/**'], patterns: 1 },
        { attribute: 'method', value: 'PUT', met: false, wanted: ['GET', 'POST'], patterns: 2 },
      ],
      choose: { group: 'g', chosen: 'users' },
      override: null,
      key: null,
      cost: null,
      rules: [],
    })
    const [byIp] = of(explanation, 'ip').conditions
    expect(byIp).toMatchObject({
      attribute: 'ip',
      value: '192.0.2.1',
      met: false,
      wanted: ['10.0.0.0/8', '::/0'],
    })
  })

  it('shows of what applies the key, the override, the cost and how the rules stand', async () => {
    const explanation = await limiter.explain({ ...who, tenant: 'acme' }, { cost: 2 })
    expect(of(explanation, 'users')).toMatchObject({
      choose: { group: 'g', chosen: 'users' },
      override: 1,
      key: { user: 'alice', tenant: 'acme' },
      cost: 2,
      rules: [{ policy: 'users', rule: '1m', limit: 7, remaining: 5, retryAfterMs: 0 }],
    })
    expect(of(explanation, 'all')).toMatchObject({ key: {}, override: null, rules: [{ remaining: 98 }] })
    expect(explanation.decision).toMatchObject({ allowed: true, policy: 'users', cost: 2, receipt: null })
    // Without the tenant the address stands in.
    expect(of(await limiter.explain(who), 'users').key).toEqual({ ip: '192.0.2.1' })
    expect(of(await limiter.explain({ user: 'a', ip: '10.0.0.1' }), 'ip')).toMatchObject({
      cost: 3,
      key: { ip: '10.0.0.1' },
    })
  })

  it('says which list a request is on, and why', async () => {
    const explanation = await limiter.explain({ ...who, user: 'mallory' })
    expect(explanation.listed).toMatchObject({
      list: 'deny',
      conditions: [
        { attribute: 'user', value: 'mallory', met: true, wanted: ['mallory'] },
        { attribute: 'path', value: '/api/users/7', met: true, wanted: ['/api/**'] },
      ],
    })
    expect(explanation.decision).toMatchObject({ allowed: false, reason: 'denied-by-policy' })
    expect(explanation.policies.map(({ outcome }) => outcome)).toEqual([
      'listed',
      'listed',
      'listed',
      'listed',
      'off',
      'unmatched',
    ])
  })

  it('explains a call that asks one policy, or brings a rule', async () => {
    const named = await limiter.explain(who, { policy: 'api' })
    expect(named.policies.map(({ outcome }) => outcome)).toEqual([
      'not-asked',
      'applies',
      'not-asked',
      'not-asked',
      'not-asked',
      'not-asked',
    ])
    const whole = await limiter.explain({ key: 'k' }, { rule: { limit: '3/s' }, policy: 'own' })
    expect(whole.policies.every(({ outcome }) => outcome === 'not-asked')).toBe(true)
    expect(whole.decision).toMatchObject({ policy: 'own', remaining: 2 })
  })

  it('shows at most ten patterns of a condition that is not met, and says how many there are', async () => {
    const match = { user: Array.from({ length: 1000 }, (_, i) => `u${i}`) }
    const many = createLimiter({ policies: [{ name: 'p', key: 'user', match, rules }] })
    const [condition] = of(await many.explain({ user: 'a' }), 'p').conditions
    expect(condition).toMatchObject({ patterns: 1000, wanted: match.user.slice(0, 10) })
    expect(of(await many.explain({ user: 'u777' }), 'p').conditions[0]).toMatchObject({
      met: true,
      wanted: ['u777'],
    })
  })

  it('tells entries of a descriptor by their places', async () => {
    const match = { descriptor: [{ tenant: 'acme' }, 'route'] }
    const rls = createLimiter({ policies: [{ name: 'p', key: 'global', match, rules }] })
    const descriptor = [
      { key: 'tenant', value: 'b' },
      { key: 'route', value: '/' },
    ]
    expect(of(await rls.explain({ descriptor }), 'p').conditions).toMatchObject([
      { attribute: 'descriptor', value: '["tenant","route"]', met: true },
      { attribute: 'descriptor[0]', value: 'b', met: false, wanted: ['acme'] },
    ])
  })

  it('rejects what consume rejects', async () => {
    await expect(limiter.explain({ user: 'a', ip: 'nowhere' })).rejects.toMatchObject({ code: 'invalid-key' })
    await expect(limiter.explain(who, { cost: -1 })).rejects.toMatchObject({ code: 'invalid-cost' })
    await expect(limiter.explain(who, { policy: 'usr' })).rejects.toMatchObject({ code: 'unknown-policy' })
    await expect(limiter.explain(who, { colour: 1 } as never)).rejects.toMatchObject({
      code: 'invalid-options',
    })
    const closed = createLimiter({ limit: '1/s' })
    await closed.close()
    await expect(closed.explain('a')).rejects.toMatchObject({ code: 'closed' })
  })

  it('writes nothing, asks the store once, is heard by nobody, and answers what consume then does', async () => {
    const user = fc.constantFrom('alice', 'mallory', 'x')
    const path = fc.constantFrom('/api', '/api/users/7', '/else')
    const call = fc.record({
      user,
      path,
      ip: fc.constantFrom('10.0.0.1', '192.0.2.1'),
      cost: fc.nat(6),
      apiKey: fc.constantFrom('', 'k'),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(call, { minLength: 1, maxLength: 12 }), async (calls) => {
        const asked: string[] = []
        const inner = memoryStore({ clock: manualClock() })
        const store = observed(inner, asked)
        const one = createLimiter<Store>({
          policies,
          deny: [{ user: 'mallory' }],
          store,
          clock: manualClock(),
        })
        let heard = 0
        one.on('decision', () => heard++)
        for (const { cost, ...attributes } of calls) {
          const keys = inner.stats().keys
          asked.length = 0
          const { decision } = await one.explain(attributes, { cost })
          expect(asked.every((verb) => verb === 'peek') && asked.length <= 1).toBe(true)
          expect([heard, inner.stats().keys]).toEqual([0, keys])
          const { receipt: _, ...consumed } = await one.consume(attributes, { cost })
          expect({ ...decision, receipt: undefined }).toEqual({ ...consumed, receipt: undefined })
          heard = 0
        }
      }),
      { numRuns: 100 },
    )
  })
})

/** Notes the verbs it is asked. */
function observed(inner: SyncStore, asked: string[]): Store {
  return {
    decide: (verb, requests) => {
      asked.push(verb)
      return inner.decide(verb, requests)
    },
    refund: (refunds) => inner.refund(refunds),
    reset: (keys) => inner.reset(keys),
    block: (keys, durationUs) => inner.block(keys, durationUs),
    close: () => inner.close(),
  }
}
