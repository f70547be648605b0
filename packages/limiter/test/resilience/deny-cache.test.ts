import { describe, expect, it } from 'vitest'
import type { RuleOptions } from '../../src/core/rule.ts'
import { ruleReceiptOf } from '../../src/core/rule-receipt.ts'
import {
  type BudgetKey,
  type BudgetRequest,
  type LeasingStore,
  TOO_MANY_WINDOWS,
  type Verdicts,
} from '../../src/core/store.ts'
import { type DenyCache, withDenyCache } from '../../src/entries/resilience.ts'
import { SplitStore } from '../../src/stores/split/split-store.ts'
import { manualClock } from '../../src/testing/manual-clock.ts'
import { changedBudget, freshBudget } from '../guarantees/arbitraries.ts'
import { ControllableStore, turn, verdict } from './controllable-store.ts'
import { DistantStore, pass } from './distant-store.ts'

/** Numbers that say so much of each rule, whatever they say for a receipt. */
function told(...standings: unknown[]): unknown[] {
  return standings.flatMap((one, i) => (i % 3 === 2 ? [one, ...Array(5).fill(expect.any(Number))] : [one]))
}

const bucket: RuleOptions = { algorithm: 'token-bucket', limit: '10/s', burst: 2 }

function bench({ max = 100, rule = bucket }: { max?: number; rule?: RuleOptions } = {}) {
  const clock = manualClock()
  const store = new DistantStore(clock)
  let repeats = 0
  const cache = withDenyCache(store, { clock, max, onAnswer: () => repeats++ }) as DenyCache & LeasingStore
  const budget = freshBudget(rule)
  const ask = (key: string, cost = 1): BudgetRequest => ({ budget, key, cost })
  const consume = (...requests: BudgetRequest[]): Promise<Verdicts> => cache.decide('consume', requests)
  return { clock, store, cache, budget, ask, consume, repeats: () => repeats }
}

/** Spends all, and is denied. */
async function exhausted(options?: Parameters<typeof bench>[0]) {
  const one = bench(options)
  const { numbers: spent } = await one.consume(one.ask('a', 2))
  expect(await one.consume(one.ask('a'))).toMatchObject({
    source: 'store',
    numbers: told(100_000, 0, 200_000),
  })
  return { ...one, spent }
}

describe('withDenyCache', () => {
  it('repeats a denial for as long as it is bound to hold, counting down', async () => {
    const { clock, store, ask, consume, cache, repeats } = await exhausted()
    clock.advanceUs(99_999)
    const denied = { source: 'deny-cache', numbers: told(1, 0, 100_001) }
    expect(await consume(ask('a'))).toMatchObject(denied)
    expect(cache.decideAtOnce('consume', [ask('a')])).toMatchObject(denied)
    expect(cache.decideAtOnce('consume', [ask('a')])).toMatchObject(denied)
    expect([store.count('consume'), repeats()]).toEqual([2, 3])
    clock.advanceUs(1)
    expect(cache.decideAtOnce('consume', [ask('a')])).toBeNull()
    expect(await consume(ask('a'))).toMatchObject({ source: 'store', numbers: told(0, 0, 200_000) })
  })

  it('ends a denial by the time the question was sent, and counts its wait from the answer', async () => {
    const { clock, store, ask, consume, cache } = bench({ rule: { ...bucket, limit: '1/s', burst: 1 } })
    await consume(ask('a'))
    store.thereUs = 30_000
    store.backUs = 40_000
    const denial = consume(ask('a'))
    await pass(clock, 70_000, 10_000)
    expect(await denial).toMatchObject({ numbers: told(970_000, 0, 970_000) })
    clock.advanceUs(30_000)
    expect(cache.decideAtOnce('consume', [ask('a')])).toMatchObject({ numbers: told(940_000, 0, 940_000) })
    clock.advanceUs(869_999)
    expect(cache.decideAtOnce('consume', [ask('a')])).not.toBeNull()
    clock.advanceUs(1)
    expect(cache.decideAtOnce('consume', [ask('a')])).toBeNull()
  })

  it('holds a denial for a second at most, also one that never ends', async () => {
    const rule: RuleOptions = { algorithm: 'token-bucket', limit: '1/h', burst: 2 }
    for (const cost of [1, 3]) {
      const { clock, store, ask, consume } = bench({ rule })
      await consume(ask('a', 2))
      await consume(ask('a', cost))
      clock.advanceUs(999_999)
      expect(await consume(ask('a', cost))).toMatchObject({
        source: 'deny-cache',
        numbers: told(cost === 3 ? -1 : 3_599_000_001, 0, 7_199_000_001),
      })
      clock.advanceUs(1)
      expect(await consume(ask('a', cost))).toMatchObject({ source: 'store' })
      expect(store.count('consume')).toBe(3)
    }
  })

  it('denies what costs more with the wait of that, and asks for what costs less', async () => {
    const rule: RuleOptions = { algorithm: 'token-bucket', limit: '10/s', burst: 5 }
    const { store, ask, consume } = bench({ rule })
    await consume(ask('a', 4))
    expect(await consume(ask('a', 3))).toMatchObject({ source: 'store', numbers: told(200_000, 1, 400_000) })
    expect(await consume(ask('a', 4))).toMatchObject({
      source: 'deny-cache',
      numbers: told(300_000, 1, 400_000),
    })
    expect(await consume(ask('a', 6))).toMatchObject({ source: 'deny-cache', numbers: told(-1, 1, 400_000) })
    expect(await consume(ask('a', 2))).toMatchObject({ source: 'store', numbers: told(100_000, 1, 400_000) })
    expect(await consume(ask('a', 3))).toMatchObject({
      source: 'deny-cache',
      numbers: told(200_000, 1, 400_000),
    })
    expect(await consume(ask('a'))).toMatchObject({ source: 'store', numbers: told(0, 0, 500_000) })
    expect(store.count('consume')).toBe(4)
  })

  it('asks for what costs more where only the store knows its wait, and keeps the least cost that was denied', async () => {
    const { ask, consume } = bench({ rule: { limit: '4/s' } })
    await consume(ask('a', 3))
    expect(await consume(ask('a', 2))).toMatchObject({ source: 'store' })
    expect(await consume(ask('a', 3))).toMatchObject({ source: 'store' })
    expect(await consume(ask('a', 2))).toMatchObject({ source: 'deny-cache' })
    expect(await consume(ask('a', 5))).toMatchObject({
      source: 'deny-cache',
      numbers: told(-1, 1, expect.any(Number)),
    })
  })

  it('repeats the denial of several keys together, with the longest wait, and no other', async () => {
    const { clock, store, ask, consume, cache } = bench()
    const slow = freshBudget({ algorithm: 'token-bucket', limit: '1/s', burst: 1 })
    const other: BudgetRequest = { budget: slow, key: 'b', cost: 1 }
    await consume(ask('a', 2))
    await consume(other)
    expect(await consume(ask('a'), other)).toMatchObject({ source: 'store' })
    clock.advanceUs(40_000)
    const known = cache.decideAtOnce('consume', [ask('a'), other])
    expect(known).toMatchObject({
      source: 'deny-cache',
      numbers: told(60_000, 0, 160_000, 960_000, 0, 960_000),
    })
    // Of each of them alone nothing was asked: the wait of one says nothing of the other.
    expect([cache.decideAtOnce('consume', [ask('a')]), cache.decideAtOnce('consume', [other])]).toEqual([
      null,
      null,
    ])
    await consume(ask('a'))
    expect(cache.decideAtOnce('consume', [ask('a'), { ...other, key: 'c' }])).toBeNull()
    clock.advanceUs(60_000)
    const denied = { source: 'deny-cache', numbers: told(0, 0, 100_000, 900_000, 0, 900_000) }
    expect(await consume(ask('a'), other)).toMatchObject(denied)
    await cache.reset([other])
    expect(cache.decideAtOnce('consume', [ask('a'), other])).toBeNull()
    expect(store.count('consume')).toBe(4)
  })

  it('forgets the wait of what costs more once something was spent: it is longer now', async () => {
    const rule: RuleOptions = { algorithm: 'token-bucket', limit: '10/s', burst: 5 }
    const { ask, consume, cache } = bench({ rule })
    const other: BudgetRequest = { budget: freshBudget(rule), key: 'b', cost: 5 }
    const spends: (() => Promise<unknown>)[] = [
      () => consume(ask('a')),
      () => cache.decide('charge', [ask('a')]),
      () => cache.acquire(ask('a', 2), 1),
    ]
    await consume(ask('a', 1))
    for (const spend of spends) {
      await consume(ask('a', 5))
      await consume(ask('a', 5), other)
      expect([
        cache.decideAtOnce('consume', [ask('a', 5)]),
        cache.decideAtOnce('consume', [ask('a', 5), other]),
      ]).not.toContain(null)
      await spend()
      expect(cache.decideAtOnce('consume', [ask('a', 5)])).toBeNull()
      expect(cache.decideAtOnce('consume', [ask('a', 5), other])).toBeNull()
    }
  })

  it('forgets what is reset, refunded or credited, and only that', async () => {
    for (const change of ['reset', 'refund', 'credit'] as const) {
      const { clock, ask, budget, consume, cache, spent } = await exhausted()
      await consume(ask('b', 2))
      await consume(ask('b'))
      if (change === 'reset') await cache.reset([ask('a')])
      else if (change === 'credit') await cache.decide('credit', [ask('a', 2)])
      else
        await cache.refund([
          { budget, key: 'a', cost: 2, id: 'spend-1', rules: [ruleReceiptOf(spent, 0, clock.now())] },
        ])
      expect(await consume(ask('a'))).toMatchObject({ source: 'store', numbers: told(0, 1, 100_000) })
      expect(await consume(ask('b'))).toMatchObject({ source: 'deny-cache' })
    }
  })

  it('does not note a denial that was asked for before a reset and answered after it', async () => {
    const { clock, store, ask, consume, cache } = await exhausted()
    clock.advanceUs(100_000)
    await consume(ask('a'))
    store.backUs = 1000
    const late = consume(ask('a'))
    store.backUs = 0
    await turn()
    await cache.reset([ask('a')])
    await pass(clock, 1000)
    expect(await late).toMatchObject({ source: 'store', numbers: told(100_000, 0, 200_000) })
    expect(await consume(ask('a'))).toMatchObject({ source: 'store', numbers: told(0, 1, 99_000 + 1000) })
  })

  it('remembers no denial by units that another part gave back when the decision across them was denied', async () => {
    const clock = manualClock()
    const parts = [new DistantStore(clock), new DistantStore(clock)]
    const [left, right] = parts as [DistantStore, DistantStore]
    const partOf = ({ key }: BudgetKey): number => (key === 'left' ? 0 : 1)
    const cache: DenyCache = withDenyCache(new SplitStore(parts, partOf, (asks) => cache.forget(asks)), {
      clock,
    })
    const budget = freshBudget({ algorithm: 'token-bucket', limit: '1/min', burst: 2 })
    const ask = (key: string, cost: number): BudgetRequest => ({ budget, key, cost })
    for (const outcome of ['denied', 'failed'] as const) {
      const key = `right of ${outcome}`
      await cache.decide('consume', [ask(key, 2)])
      right.backUs = 1000
      const across = cache.decide('consume', [ask('left', 2), ask(key, 2)]).catch(() => null)
      await turn()
      const alone = await cache.decide('consume', [ask('left', 1)])
      expect(alone.numbers[0]).toBeGreaterThan(0)
      if (outcome === 'failed') right.failAll()
      await pass(clock, 1000)
      await across
      expect(await cache.decide('consume', [ask('left', 1)])).toMatchObject({
        source: 'store',
        numbers: told(0, 1, 60_000_000),
      })
      await cache.reset([ask('left', 0)])
      right.backUs = 0
      right.manner = 'answer'
    }
    expect(left.count('refund')).toBe(2)
  })

  it('notes no denial of while a credit was pending, nor the credit itself', async () => {
    const { clock, store, ask, consume, cache } = await exhausted()
    store.thereUs = 2000
    const credit = cache.decide('credit', [ask('a', 2)])
    store.thereUs = 1000
    const before = consume(ask('a'))
    await pass(clock, 2000, 1000)
    expect((await before).numbers[0]).toBe(99_000)
    expect((await credit).numbers[0]).toBe(1)
    store.thereUs = 0
    expect(cache.decideAtOnce('consume', [ask('a')])).toBeNull()
    expect(await consume(ask('a'))).toMatchObject({ source: 'store', numbers: told(0, 1, 100_000) })
  })

  it('does not remember that a key holds too many windows', async () => {
    const full = new ControllableStore(verdict(TOO_MANY_WINDOWS, 0, 500_000))
    const cache = withDenyCache(full, { clock: manualClock() })
    const request = { budget: freshBudget(bucket), key: 'a', cost: 1 }
    for (let i = 0; i < 2; i++) {
      expect(await cache.decide('consume', [request])).toMatchObject({ source: 'store' })
      expect(cache.decideAtOnce('consume', [request])).toBeNull()
    }
    expect(full.count('consume')).toBe(2)
  })

  it('remembers other denials of a key that holds too many windows', async () => {
    const numbers = verdict(500_000, 0, 500_000)
    const cache = withDenyCache(new ControllableStore(numbers), { clock: manualClock() })
    const budget = freshBudget(bucket)
    const denied = { budget, key: 'a', cost: 1 }
    await cache.decide('consume', [denied])
    numbers[0] = TOO_MANY_WINDOWS
    await cache.decide('consume', [{ ...denied, budget: changedBudget(budget, { limit: '7/s' }) }])
    expect(cache.decideAtOnce('consume', [denied])).toMatchObject({ source: 'deny-cache' })
  })

  it('answers each denial in an array of its own', async () => {
    const { ask, cache } = await exhausted()
    const [one, other] = [1, 2].map(() => cache.decideAtOnce('consume', [ask('a')])?.numbers)
    expect(one).toEqual(other)
    expect(one).not.toBe(other)
  })

  it('notes no denial of while a reset was pending', async () => {
    const { clock, store, ask, consume, cache } = await exhausted()
    store.thereUs = 2000
    const reset = cache.reset([ask('a')])
    store.thereUs = 1000
    const before = consume(ask('a'))
    await pass(clock, 2000, 1000)
    expect(await before).toMatchObject({ numbers: told(99_000, 0, 199_000) })
    await reset
    store.thereUs = 0
    expect(await consume(ask('a'))).toMatchObject({ source: 'store', numbers: told(0, 1, 100_000) })
  })

  it('says nothing of other rules, other verbs, or answers that did not come from the store', async () => {
    const { store, ask, budget, consume, cache } = await exhausted()
    const changed = changedBudget(budget, { algorithm: 'token-bucket', limit: '20/s', burst: 2 })
    expect(cache.decideAtOnce('consume', [{ budget: changed, key: 'a', cost: 1 }])).toBeNull()
    expect(await cache.decide('peek', [ask('a')])).toMatchObject({ source: 'store' })
    expect(await cache.decide('charge', [ask('a')])).toMatchObject({ source: 'store' })
    expect([cache.decideAtOnce('peek', [ask('a')]), cache.decideAtOnce('charge', [ask('a')])]).toEqual([
      null,
      null,
    ])
    store.manner = 'fail'
    await expect(consume(ask('b'))).rejects.toMatchObject({ code: 'store-unavailable' })
    expect(cache.decideAtOnce('consume', [ask('b')])).toBeNull()
    const behindOutage = new ControllableStore(verdict(1_000_000, 0, 0), 'fallback')
    const clock = manualClock()
    const behind = withDenyCache(behindOutage, { clock })
    await behind.decide('consume', [ask('a')])
    expect(behind.decideAtOnce('consume', [ask('a')])).toBeNull()
  })

  it('answers takes by denials, and notes those of takes, but counts them not as decisions', async () => {
    const { ask, cache, store, repeats } = bench()
    expect(await cache.acquire(ask('a', 5), 1)).toMatchObject({ granted: 2 })
    expect(await cache.acquire(ask('a', 5), 1)).toMatchObject({ granted: 0, source: 'store' })
    expect(await cache.acquire(ask('a', 5), 1)).toMatchObject({
      granted: 0,
      source: 'deny-cache',
      numbers: told(100_000, 0, 200_000),
    })
    expect([store.count('acquire'), repeats()]).toEqual([2, 0])
    expect(cache.decideAtOnce('consume', [ask('a')])).toMatchObject({ source: 'deny-cache' })
  })

  it('remembers so many denials and changes and no more', async () => {
    const { ask, consume, cache, store } = bench({ max: 3 })
    for (const key of ['a', 'b', 'c', 'd']) {
      await consume(ask(key, 2))
      await consume(ask(key))
    }
    expect(cache.decideAtOnce('consume', [ask('a')])).toBeNull()
    for (const key of ['b', 'c', 'd']) expect(cache.decideAtOnce('consume', [ask(key)])).not.toBeNull()
    // After changes of too many keys nothing is known of denials that were on their way.
    const late = consume(ask('a'))
    await cache.reset(['w', 'x', 'y', 'z'].map((key) => ask(key)))
    await late
    expect(cache.decideAtOnce('consume', [ask('a')])).toBeNull()
    for (const key of ['b', 'c', 'd']) expect(cache.decideAtOnce('consume', [ask(key)])).not.toBeNull()
    expect(store.count('reset')).toBe(1)
  })

  it('refuses wrong options', () => {
    expect(() => withDenyCache(new ControllableStore(), { max: 0 })).toThrow('withDenyCache.max')
    expect(() => withDenyCache(new ControllableStore(), { size: 1 } as object)).toThrow('size')
  })
})
