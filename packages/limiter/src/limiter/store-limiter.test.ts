import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import type { Clock } from '../core/clock.ts'
import type { Limiter } from '../core/limiter.ts'
import type { PolicyOptions } from '../core/policy-options.ts'
import type { SyncStore, Verb } from '../core/store.ts'
import { createLimiter } from '../create-limiter.ts'
import { memoryStore } from '../stores/memory/index.ts'
import { manualClock } from '../testing/manual-clock.ts'

const login: PolicyOptions[] = [
  { name: 'user', key: 'user', rules: [{ name: 'fast', limit: '5/s', burst: 5 }, '20/h'] },
  { name: 'all', key: 'global', rules: [{ name: 'cap', limit: '100/h', burst: 8 }] },
]

describe('a decision', () => {
  it('says everything a reply needs, and nothing undefined', async () => {
    const { limiter } = bench([
      { name: 'user', key: 'user', rules: [{ name: 'fast', limit: '5/s', burst: 7 }] },
    ])
    const decision = await limiter.consume({ user: 'a' }, { cost: 2 })
    expect(decision).toEqual({
      allowed: true,
      reason: 'within-limit',
      source: 'store',
      policy: 'user',
      rule: 'fast',
      limit: 7,
      remaining: 5,
      cost: 2,
      retryAfterMs: 0,
      resetAfterMs: 400,
      shadow: [],
      rules: [
        {
          policy: 'user',
          rule: 'fast',
          limit: 7,
          rate: { limit: 5, windowMs: 1000 },
          remaining: 5,
          retryAfterMs: 0,
          resetAfterMs: 400,
        },
      ],
      receipt: decision.receipt,
    })
    expect(decision.receipt).toMatchObject({ key: 'a', cost: 2 })
  })

  it('keeps all its fields however it is copied', async () => {
    const { limiter } = bench(login)
    const kinds = [
      limiter.consumeSync({ user: 'a' }),
      limiter.consumeSync({ user: 'a' }, { cost: 5 }),
      limiter.consumeSync({ user: 'a' }, { cost: 6 }),
      await limiter.peek({ user: 'a' }),
      await limiter.charge({ user: 'a' }, 2),
    ]
    for (const decision of kinds) {
      expect({ ...decision }).toEqual(decision)
      expect(structuredClone(decision)).toEqual(decision)
      expect(JSON.parse(JSON.stringify(decision))).toEqual(decision)
      expect(inspect(decision, { depth: 9 })).toMatch(/rules: \[.*receipt:/s)
      for (const field of Object.values(Object.getOwnPropertyDescriptors(decision))) {
        expect([field.get, field.enumerable]).toEqual([undefined, true])
      }
    }
  })

  it('has its fields in one order, whatever it is', async () => {
    let enabled = true
    const { limiter: several } = bench([
      ...login,
      { name: 'no', key: 'team', match: { team: 't' }, rules: ['0/s'] },
    ])
    const { limiter: simple } = bench([{ name: 'p', rules: ['1/min'] }], () => enabled)
    const all = [simple.consumeSync('a'), simple.consumeSync('a'), simple.consumeSync('a', { cost: 2 })]
    all.push(several.consumeSync({ user: 'a' }), several.consumeSync({ user: 'a' }, { cost: 9 }))
    all.push(several.consumeSync({ user: 'a', team: 't' }))
    enabled = false
    all.push(simple.consumeSync('a'))
    expect(new Set(all.map(({ reason }) => reason)).size).toBeGreaterThan(4)
    expect(new Set(all.map((decision) => Object.keys(decision).join())).size).toBe(1)
  })

  it('says whole milliseconds, rounded up', () => {
    const { limiter } = bench([{ name: 'p', rules: [{ name: 'r', limit: '3/s', burst: 1 }] }])
    limiter.consumeSync('a')
    const denied = limiter.consumeSync('a')
    // 333,333.3 µs.
    expect(denied).toMatchObject({ retryAfterMs: 334, resetAfterMs: 334 })
    expect(denied.rules[0]).toMatchObject({ retryAfterMs: 334, resetAfterMs: 334 })
  })

  it('adds to a wait what timers of the limiter cut off, and to nothing else', () => {
    const clock = { ...manualClock(), timerSlackMs: 2 }
    const policies = [{ name: 'p', rules: [{ name: 'r', limit: '2/s', burst: 1 }] }]
    for (const limiter of [
      createLimiter({ policies, store: memoryStore({ clock: manualClock() }), clock }),
      createLimiter({ policies, store: memoryStore({ clock }) }),
    ]) {
      expect(limiter.consumeSync('a')).toMatchObject({ retryAfterMs: 0, resetAfterMs: 500 })
      for (const denied of [limiter.consumeSync('a'), limiter.consumeSync('a', { cost: 1 })]) {
        expect(denied).toMatchObject({ retryAfterMs: 502, resetAfterMs: 500 })
        expect(denied.rules[0]).toMatchObject({ retryAfterMs: 500, resetAfterMs: 500 })
      }
      expect(limiter.consumeSync('a', { cost: 2 })).toMatchObject({ retryAfterMs: null })
    }
  })

  it('adds a millisecond on a clock that does not say', () => {
    const { now, after } = manualClock()
    const limiter = createLimiter({ limit: '1/s', store: memoryStore({ clock: { now, after } }) })
    limiter.consumeSync('a')
    expect(limiter.consumeSync('a').retryAfterMs).toBe(1001)
  })

  it('keeps what it said when others are made', async () => {
    const { limiter } = bench(login)
    const first = limiter.consumeSync({ user: 'a' }, { cost: 2 })
    const before = JSON.stringify(first)
    limiter.consumeSync({ user: 'b' }, { cost: 5 })
    expect(JSON.stringify(first)).toBe(before)
    expect(first.rules.map(({ remaining }) => remaining)).toEqual([3, 18, 6])
  })

  it('names the rule with the least left when it allows', async () => {
    const { limiter } = bench(login)
    expect(await limiter.consume({ user: 'a' })).toMatchObject({ policy: 'user', rule: 'fast', remaining: 4 })
    await limiter.consume({ user: 'b' }, { cost: 5 })
    expect(await limiter.consume({ user: 'c' })).toMatchObject({ policy: 'all', rule: 'cap', remaining: 1 })
  })

  it('names the rule with the longest wait when it denies', async () => {
    const { limiter } = bench(login)
    await limiter.consume({ user: 'a' }, { cost: 5 })
    expect(await limiter.consume({ user: 'a' })).toMatchObject({ rule: 'fast', retryAfterMs: 200 })
    expect(await limiter.consume({ user: 'a' }, { cost: 4 })).toMatchObject({
      policy: 'all',
      retryAfterMs: 36_000,
    })
  })

  it('names the rule that never passes before any that waits', async () => {
    const { limiter } = bench(login)
    await limiter.consume({ user: 'a' }, { cost: 5 })
    const decision = await limiter.consume({ user: 'a' }, { cost: 6 })
    expect(decision).toMatchObject({
      allowed: false,
      reason: 'cost-exceeds-capacity',
      rule: 'fast',
      retryAfterMs: null,
    })
    expect(decision.rules.map(({ retryAfterMs }) => retryAfterMs)).toEqual([null, 0, 108_000])
  })

  it('spends every policy or none', async () => {
    const { limiter, rest } = bench(login)
    await limiter.consume({ user: 'a' }, { cost: 5 })
    expect((await limiter.consume({ user: 'b' }, { cost: 4 })).allowed).toBe(false)
    expect(await rest({ user: 'b' })).toEqual([5, 20, 3])
    expect((await limiter.consume({ user: 'b' }, { cost: 3 })).allowed).toBe(true)
    expect(await rest({ user: 'b' })).toEqual([2, 17, 0])
  })
})

describe('what needs no store', () => {
  it('passes as unmatched when no policy is for it', async () => {
    const { limiter, asked } = bench([{ name: 'p', match: { path: '/api' }, key: 'user', rules: ['1/s'] }])
    expect(await limiter.consume({ path: '/else' })).toEqual(unasked(true, 'unmatched'))
    expect(asked).toEqual([])
  })

  it('passes as disabled while the switch, read with every call, says no', async () => {
    let enabled = false
    const { limiter, asked } = bench(login, () => enabled)
    expect(await limiter.consume({ user: 'a' })).toEqual(unasked(true, 'disabled'))
    expect(limiter.consumeSync({ user: 'a' })).toEqual(unasked(true, 'disabled'))
    enabled = true
    expect((await limiter.consume({ user: 'a' })).reason).toBe('within-limit')
    enabled = false
    expect((await limiter.consume({ user: 'a' })).reason).toBe('disabled')
    expect(asked).toEqual(['consume'])
  })

  it('takes a switch that is set once', async () => {
    const limiter = createLimiter({ limit: '1/s', enabled: false })
    expect((await limiter.consume('a')).reason).toBe('disabled')
  })

  it('denies by a limit of 0 what another policy has', async () => {
    const { limiter, asked } = bench([...login, { name: 'no', key: 'user', rules: ['5/s', '0/day'] }])
    for (const verb of ['consume', 'peek'] as const) {
      expect(await limiter[verb]({ user: 'a' })).toEqual({
        ...unasked(false, 'denied-by-policy'),
        policy: 'no',
        rule: '1d',
        limit: 0,
        remaining: 0,
        rules: [
          {
            policy: 'no',
            rule: '1d',
            limit: 0,
            rate: { limit: 0, windowMs: 86_400_000 },
            remaining: 0,
            retryAfterMs: null,
            resetAfterMs: 0,
          },
        ],
      })
    }
    expect(asked).toEqual([])
  })
})

describe('consume', () => {
  it('writes nothing at a cost of 0, and passes unless there is debt', async () => {
    const { limiter, asked } = bench(login)
    expect(await limiter.consume({ user: 'a' }, { cost: 0 })).toMatchObject({ allowed: true, receipt: null })
    await limiter.charge({ user: 'a' }, 6)
    expect(await limiter.consume({ user: 'a' }, { cost: 0 })).toMatchObject({
      allowed: false,
      retryAfterMs: 200,
    })
    expect(limiter.consumeSync({ user: 'a' }, { cost: 0 }).allowed).toBe(false)
    expect(asked).toEqual(['peek', 'charge', 'peek', 'peek'])
  })

  it('takes rates of the call in place of those of the rules', async () => {
    const { limiter } = bench(login.slice(0, 1))
    const limit = ['2/min', { limit: 3, window: '1h' }] as const
    const decision = await limiter.consume({ user: 'a' }, { limit })
    expect(decision).toMatchObject({ rule: '1m', limit: 2, remaining: 1 })
    expect(decision.rules.map(({ rule, remaining }) => [rule, remaining])).toEqual([
      ['1m', 1],
      ['1h', 2],
    ])
    expect((await limiter.consume({ user: 'a' }, { limit })).rules).toHaveLength(2)
    expect((await limiter.consume({ user: 'a' }, { limit })).allowed).toBe(false)
    expect(await limiter.consume({ user: 'a' }, { limit: '0/s' })).toMatchObject({
      reason: 'denied-by-policy',
    })
  })

  it.each([
    ['much', 'invalid-rule'],
    [[], 'invalid-options'],
    [['1/s', '2/s'], 'invalid-options'],
    [{ limit: 1.5, window: '1s' }, 'invalid-rule'],
    [{ limit: Number.NaN, window: '1s' }, 'invalid-rule'],
    [null, 'invalid-rule'],
    [5, 'invalid-rule'],
    ['1/fortnight', 'invalid-options'],
  ])('refuses the limit %j of a call', async (limit, code) => {
    const { limiter, asked } = bench(login.slice(0, 1))
    await expect(limiter.consume({ user: 'a' }, { limit: limit as never })).rejects.toMatchObject({ code })
    expect(asked).toEqual([])
  })

  it('asks one policy by its name, without its match', async () => {
    const { limiter, rest } = bench([
      ...login,
      { name: 'x', match: { role: 'no' }, key: 'user', rules: ['9/h'] },
    ])
    expect(await limiter.consume({ user: 'a' }, { policy: 'all' })).toMatchObject({
      policy: 'all',
      remaining: 7,
    })
    expect(await rest({ user: 'a' })).toEqual([5, 20, 7])
    expect(await limiter.consume({ user: 'a' }, { policy: 'x' })).toMatchObject({ policy: 'x', remaining: 8 })
  })
})

function unasked(allowed: boolean, reason: string): object {
  const none = { policy: null, rule: null, limit: null, remaining: null, resetAfterMs: null, receipt: null }
  return {
    ...none,
    allowed,
    reason,
    source: 'none',
    cost: 1,
    retryAfterMs: allowed ? 0 : null,
    rules: [],
    shadow: [],
  }
}

function bench(policies: readonly PolicyOptions[], enabled: () => boolean = () => true) {
  const inner = memoryStore({ clock: manualClock() })
  const asked: Verb[] = []
  const store: SyncStore = {
    clock: inner.clock as Clock,
    decideSync(verb, requests) {
      asked.push(verb)
      return inner.decideSync(verb, requests)
    },
    decide: (verb, requests) => inner.decide(verb, requests),
    refund: (refunds) => inner.refund(refunds),
    reset: (keys) => inner.reset(keys),
    block: (keys, lengthUs) => inner.block(keys, lengthUs),
    refundSync: (refunds) => inner.refundSync(refunds),
    resetSync: (keys) => inner.resetSync(keys),
    blockSync: (keys, lengthUs) => inner.blockSync(keys, lengthUs),
    close: () => inner.close(),
  }
  const limiter: Limiter<SyncStore> = createLimiter({ policies, store, enabled })
  const rest = async (who: { user: string }): Promise<number[]> =>
    (await limiter.peek(who, { cost: 0 })).rules.map(({ remaining }) => remaining)
  return { limiter, asked, rest }
}
