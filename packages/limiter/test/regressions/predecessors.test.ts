/** Flaws of the systems Headgate succeeds, by their numbers in facts/predecessors.md: what we do instead. */
import { describe, expect, it } from 'vitest'
import { encodeKey } from '../../src/core/key.ts'
import { createLimiter } from '../../src/create-limiter.ts'
import { memoryStore } from '../../src/stores/memory/index.ts'
import { manualClock } from '../../src/testing/manual-clock.ts'
import { benchOf, brief, offer } from './bench.ts'

const MS = 1000
const S = 1_000_000

describe('what limitr got wrong', () => {
  it('L1: a client that retries faster than the rate is not starved', () => {
    // limitr at 1/s, burst 2, 2 Hz admitted 0 of 12; the burst and one a second are due.
    const bench = benchOf({ algorithm: 'leaky-bucket', limit: '1/s', burst: 2 })
    expect(offer(bench, 500 * MS, 13)).toBe(8)
  })

  it('L3: a negative cost is an error and refills nothing', async () => {
    const { limiter } = benchOf({ algorithm: 'token-bucket', limit: '1/s', burst: 2 })
    limiter.consumeSync('key', { cost: 2 })
    for (const cost of [-5, -1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53]) {
      expect(() => limiter.consumeSync('key', { cost })).toThrow(/is not a cost/)
      await expect(limiter.charge('key', cost)).rejects.toThrow(/is not a cost/)
    }
    expect((await limiter.peek('key')).remaining).toBe(0)
  })

  it('L3: a cost above the burst is told from a denial that a wait would end', () => {
    const { limiter } = benchOf({ algorithm: 'token-bucket', limit: '1/s', burst: 2 })
    expect(brief(limiter.consumeSync('key', { cost: 3 }))).toEqual([false, 'cost-exceeds-capacity', 2, null])
    expect(brief(limiter.consumeSync('key', { cost: 2 }))).toEqual([true, 'within-limit', 0, 0])
    expect(brief(limiter.consumeSync('key'))).toEqual([false, 'limited', 0, 1000])
  })

  it('L6: remaining is a capacity also on a denial, never a negative count of denials', () => {
    const { limiter } = benchOf('2/min')
    limiter.consumeSync('key', { cost: 2 })
    for (let i = 0; i < 5; i++) expect(limiter.consumeSync('key').remaining).toBe(0)
  })

  it('L7: levels follow the names of rules when their order changes', async () => {
    const { limiter } = benchOf({ name: 'a', limit: '10/min' }, { name: 'b', limit: '20/min' })
    limiter.consumeSync('key', { cost: 4 })
    limiter.policies.set({
      name: 'p',
      rules: [
        { name: 'new', limit: '30/min' },
        { name: 'b', limit: '20/min' },
        { name: 'a', limit: '10/min' },
      ],
    })
    const { rules } = await limiter.peek('key', { cost: 0 })
    expect(rules.map(({ rule, remaining }) => [rule, remaining])).toEqual([
      ['new', 30],
      ['b', 16],
      ['a', 6],
    ])
  })

  it('L10: names and keys with separators in them never meet', () => {
    const clock = manualClock()
    const policies = ['a', 'a.b', 'a/b'].map((name) => ({ name, rules: ['1/min'] }))
    const limiter = createLimiter({ policies, store: memoryStore({ clock }), clock })
    const asked = [
      ['a', 'b:c'],
      ['a.b', 'c'],
      ['a/b', 'c'],
      ['a', 'b/c'],
      ['a', '.b:c'],
    ] as const
    for (const [policy, key] of asked) {
      expect([policy, key, limiter.consumeSync(key, { policy }).allowed]).toEqual([policy, key, true])
    }
    const identities = [['a', 'b:c'], ['a:b', 'c'], ['a:b:c'], ['a', 'b', 'c']]
    expect(new Set(identities.map(encodeKey)).size).toBe(identities.length)
  })

  it('L10: an empty key is an error', () => {
    expect(() => benchOf('1/min').limiter.consumeSync('')).toThrow(/is not a key/)
  })
})

describe('what Guardian got wrong', () => {
  it('G1: fractions of a refill are never lost', () => {
    // Offered 20/s, Guardian admitted 806 of 1010 in 100 s at 10/s.
    const tens = benchOf({ algorithm: 'token-bucket', limit: '10/s' })
    expect(offer(tens, 50 * MS, 2001)).toBe(1010)
    // And 1606 of 2010 where the interval and the cost do not divide.
    const uneven = benchOf({ algorithm: 'token-bucket', limit: '20/s', burst: 10 })
    expect(offer(uneven, 75 * MS, 1334, 2)).toBe(10 + 1998)
  })

  it('G2: polling faster than the rate changes nothing', () => {
    const slow = benchOf({ algorithm: 'token-bucket', limit: '1/s' })
    expect(offer(slow, 500 * MS, 41)).toBe(21)
    const fast = benchOf({ algorithm: 'token-bucket', limit: '10/s' })
    expect(offer(fast, 1 * MS, 10_001)).toBe(110)
  })

  it('G3: a clock that goes back stores no negative amount and refills nothing twice', () => {
    const bench = benchOf({ algorithm: 'token-bucket', limit: '10/s' })
    const { limiter, clock } = bench
    clock.advanceUs(60 * S)
    expect(limiter.consumeSync('key', { cost: 10 }).remaining).toBe(0)
    clock.set(clock.now() - 30 * S)
    expect(brief(limiter.consumeSync('key'))).toEqual([false, 'limited', 0, 100])
    clock.advanceUs(100 * MS)
    expect(limiter.consumeSync('key').allowed).toBe(true)
    clock.advanceUs(30 * S)
    expect(offer(bench, 0, 20)).toBe(10)
  })

  it('G4: a limit that takes days to refill is not forgotten after an hour', () => {
    const bench = benchOf({ algorithm: 'token-bucket', limit: '10/day' })
    expect(offer(bench, 0, 12)).toBe(10)
    bench.clock.advance('61m')
    expect(brief(bench.limiter.consumeSync('key'))).toEqual([false, 'limited', 0, (144 - 61) * 60_000])
  })

  it('G7: recovered keys make room, so that memory is bounded', () => {
    const clock = manualClock()
    const store = memoryStore({ clock, maxKeys: 100 })
    const limiter = createLimiter({ limit: '1/s', store, clock })
    for (let i = 0; i < 10_000; i++) {
      clock.advanceUs(50 * MS)
      expect(limiter.consumeSync(`key-${i}`).allowed).toBe(true)
    }
    expect(store.stats().keys).toBeLessThanOrEqual(100)
    expect(store.stats().overflowed).toBe(0)
  })

  it.each([
    [{ algorithm: 'token-bucket', limit: '10/s', burst: 0 }],
    [{ algorithm: 'token-bucket', limit: '10/s', burst: 1.5 }],
    [{ limit: '-1/s' }],
    [{ limit: '1.5/s' }],
    [{ limit: { limit: 1, window: 0 } }],
    [{ limit: { limit: 1, window: 0.5 } }],
    [{ limit: '5/s', burst: 10, algorithm: 'sliding-window' }],
    [{ algorithm: 'token-bucket', limit: '9007199254740991/s', burst: 2 ** 52 }],
  ])('G10: a rule that cannot work is refused when it is made: %j', (rule) => {
    expect(() => benchOf(rule)).toThrow(/policies\[0\]\.rules\[0\]/)
  })
})

describe('what RustCI got wrong', () => {
  it('R1: a global budget is one for everybody, and a budget of users is keyed by the user', () => {
    const clock = manualClock()
    const policies = [
      { name: 'all', key: 'global', rules: ['3/min'] },
      { name: 'user', key: 'user', rules: ['2/min'] },
    ]
    const limiter = createLimiter({ policies, store: memoryStore({ clock }), clock })
    const ask = (user: string, ip: string): unknown => limiter.consumeSync({ user, ip }).policy
    expect([ask('ann', '1.1.1.1'), ask('ann', '2.2.2.2')]).toEqual(['user', 'user'])
    expect(limiter.consumeSync({ user: 'ann', ip: '3.3.3.3' })).toMatchObject({
      allowed: false,
      policy: 'user',
    })
    expect(limiter.consumeSync({ user: 'bob', ip: '1.1.1.1' }).allowed).toBe(true)
    expect(limiter.consumeSync({ user: 'cat', ip: '1.1.1.1' })).toMatchObject({
      allowed: false,
      policy: 'all',
    })
  })

  it('R2: a policy that denies leaves the policies before it unspent', async () => {
    const clock = manualClock()
    const policies = [
      { name: 'first', rules: ['10/min'] },
      { name: 'second', rules: ['1/min'] },
    ]
    const limiter = createLimiter({ policies, store: memoryStore({ clock }), clock })
    for (let i = 0; i < 5; i++) limiter.consumeSync('key')
    expect((await limiter.peek('key', { cost: 0, policy: 'first' })).remaining).toBe(9)
  })

  it('R9: windows shorter than a second, and clocks between seconds, are exact', () => {
    const bench = benchOf({ algorithm: 'fixed-window', limit: { limit: 1, window: 3 } })
    bench.clock.advanceUs(999_999)
    expect(offer(bench, 1, 6001)).toBe(3)
  })
})
