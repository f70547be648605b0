/** Flaws of EdgeGuard and PlugLimit, by their numbers in facts/predecessors.md: what we do instead. */
import { describe, expect, it } from 'vitest'
import { createLimiter } from '../../src/create-limiter.ts'
import { memoryStore } from '../../src/stores/memory/index.ts'
import { manualClock } from '../../src/testing/manual-clock.ts'
import { benchOf, brief, offer } from './bench.ts'

const S = 1_000_000

describe('what EdgeGuard got wrong', () => {
  it.each([600_000, 500_001, 999_999, 7, 999_983])(
    'E5: %i a second are that many, not a rounded interval',
    (limit) => {
      const { limiter, clock } = benchOf({ algorithm: 'gcra', limit: `${limit}/s` })
      limiter.consumeSync('key', { cost: limit })
      clock.advanceUs(S)
      expect(limiter.consumeSync('key', { cost: limit }).allowed).toBe(true)
      clock.advanceUs(S - 1)
      expect(limiter.consumeSync('key', { cost: limit }).allowed).toBe(false)
    },
  )

  it('E6: a new address for every request does not grow the store past its cap', () => {
    const clock = manualClock()
    const store = memoryStore({ clock, maxKeys: 50 })
    const limiter = createLimiter({ algorithm: 'gcra', limit: '20/min', store, clock })
    for (let i = 0; i < 20_000; i++) limiter.consumeSync(`2001:db8::${i.toString(16)}`)
    expect(store.stats().keys).toBe(50)
  })

  it('E10: a stricter policy for a path does not lift the one for everything, and both spend or none', async () => {
    const clock = manualClock()
    const policies = [
      { name: 'all', key: 'ip', rules: ['5/min'] },
      { name: 'login', key: 'ip', match: { path: '/login' }, rules: ['2/min'] },
    ]
    const limiter = createLimiter({ policies, store: memoryStore({ clock }), clock })
    const who = { ip: '1.1.1.1', path: '/login' }
    for (let i = 0; i < 4; i++) limiter.consumeSync(who)
    const left = async (policy: string): Promise<unknown> =>
      (await limiter.peek(who, { cost: 0, policy })).remaining
    expect([await left('all'), await left('login')]).toEqual([3, 0])
    for (let i = 0; i < 3; i++) expect(limiter.consumeSync({ ip: '1.1.1.1', path: '/' }).allowed).toBe(true)
    expect(limiter.consumeSync({ ip: '1.1.1.1', path: '/' })).toMatchObject({ allowed: false, policy: 'all' })
  })

  it('E11: costs, peeks, resets and several windows on one key', async () => {
    const { limiter } = benchOf('5/s', '8/min')
    expect(limiter.consumeSync('key', { cost: 3 }).remaining).toBe(2)
    expect(await limiter.peek('key', { cost: 3 })).toMatchObject({ allowed: false, rule: '1s' })
    expect(limiter.consumeSync('key', { cost: 2 }).rules.map(({ remaining }) => remaining)).toEqual([0, 3])
    await limiter.reset('key')
    expect((await limiter.peek('key', { cost: 0 })).rules.map(({ remaining }) => remaining)).toEqual([5, 8])
  })

  it('E13: microseconds stay exact at the largest times and debts', async () => {
    const { limiter, clock } = benchOf({ algorithm: 'token-bucket', limit: '999983/day' })
    clock.set(2 ** 52 - 86_400 * S - 1)
    await limiter.charge('key', 999_983)
    const { retryAfterMs } = limiter.consumeSync('key', { cost: 999_983 })
    expect(retryAfterMs).toBe(86_400_000)
    clock.advanceUs(86_400 * S - 1)
    expect(limiter.consumeSync('key', { cost: 999_983 }).allowed).toBe(false)
    clock.advanceUs(1)
    expect(limiter.consumeSync('key', { cost: 999_983 }).allowed).toBe(true)
  })

  it('E14: a lowered rate counts what was spent, at most its capacity, and the rate of before goes on beside it', () => {
    const { limiter } = benchOf({ name: 'r', algorithm: 'gcra', limit: '100/min' })
    limiter.consumeSync('key', { cost: 20 })
    limiter.policies.set({ name: 'p', rules: [{ name: 'r', algorithm: 'gcra', limit: '10/min' }] })
    expect(brief(limiter.consumeSync('key'))).toEqual([false, 'limited', 0, 6000])
    limiter.policies.set({ name: 'p', rules: [{ name: 'r', algorithm: 'gcra', limit: '100/min' }] })
    expect(brief(limiter.consumeSync('key'))).toEqual([true, 'within-limit', 79, 0])
  })
})

describe('what PlugLimit got wrong', () => {
  it.each(['fixed-window', 'token-bucket', 'sliding-window', 'sliding-log'])(
    'P3: a %s of 0 denies the first call',
    (algorithm) => {
      const { limiter } = benchOf({ algorithm, limit: '0/min' })
      expect(brief(limiter.consumeSync('key'))).toEqual([false, 'denied-by-policy', 0, null])
    },
  )

  it('P4: a burst equal to the limit has a finite wait', () => {
    const { limiter } = benchOf({ algorithm: 'token-bucket', limit: '5/10s', burst: 5 })
    limiter.consumeSync('key', { cost: 5 })
    expect(brief(limiter.consumeSync('key'))).toEqual([false, 'limited', 0, 2000])
  })

  it('P5: a bucket that stood idle holds its burst and no more', () => {
    const bench = benchOf({ algorithm: 'token-bucket', limit: '100/10s', burst: 1 })
    expect(offer(bench, 0, 3)).toBe(1)
    bench.clock.advance('3s')
    expect(offer(bench, 0, 40)).toBe(1)
  })

  it('P6: a token bucket has no edge at which its tail and a new burst meet', () => {
    const bench = benchOf({ algorithm: 'token-bucket', limit: '100/10s' })
    bench.clock.advanceUs(9_999_000)
    expect(offer(bench, 0, 150)).toBe(100)
    bench.clock.advanceUs(2000)
    expect(offer(bench, 0, 150)).toBe(0)
  })

  it('P10: retry-after counts the part of a token that is there, and fixed windows have one', () => {
    const { limiter, clock } = benchOf({ algorithm: 'token-bucket', limit: '1/s', burst: 1 })
    limiter.consumeSync('key')
    clock.advanceUs(300_001)
    expect(limiter.consumeSync('key').retryAfterMs).toBe(700)
    clock.advanceUs(699_998)
    expect(limiter.consumeSync('key')).toMatchObject({ allowed: false, retryAfterMs: 1 })
    clock.advanceUs(1)
    expect(limiter.consumeSync('key').allowed).toBe(true)
    const fixed = benchOf({ algorithm: 'fixed-window', limit: '1/min' })
    fixed.limiter.consumeSync('key')
    fixed.clock.advance('20s')
    expect(fixed.limiter.consumeSync('key').retryAfterMs).toBe(40_000)
  })

  it('P12: a limit changed within a window acts at once', () => {
    const rule = { name: 'r', algorithm: 'fixed-window' }
    const { limiter } = benchOf({ ...rule, limit: '3/min' })
    limiter.consumeSync('key', { cost: 3 })
    limiter.policies.set({ name: 'p', rules: [{ ...rule, limit: '5/min' }] })
    expect(limiter.consumeSync('key').remaining).toBe(1)
    limiter.policies.set({ name: 'p', rules: [{ ...rule, limit: '2/min' }] })
    expect(limiter.consumeSync('key')).toMatchObject({ allowed: false, remaining: 0 })
  })
})
