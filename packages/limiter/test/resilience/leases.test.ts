import { describe, expect, it } from 'vitest'
import { VERDICT_SIZE } from '../../src/core/algorithm.ts'
import type { Rule, RuleOptions } from '../../src/core/rule.ts'
import type { Verdicts } from '../../src/core/store.ts'
import { manualClock } from '../../src/testing/manual-clock.ts'
import { freshBudget } from '../guarantees/arbitraries.ts'
import { outcome, turn } from './controllable-store.ts'
import { pass } from './distant-store.ts'
import { bench, day, holding, leased, usedOf } from './lease-bench.ts'

function ruleOf(options: RuleOptions): Rule {
  return freshBudget({ algorithm: 'fixed-window', ...options }).rules[0] as Rule
}

describe('the size of an acquire', () => {
  it('is exact for keys that are asked for seldom, or for the first time', async () => {
    const { store, calls, consume } = bench()
    await calls(20, 250_000)
    expect([store.count('consume'), store.count('acquire')]).toEqual([20, 0])
    expect((await consume(7, 'b')).source).toBe('store')
    expect(store.count('acquire')).toBe(0)
  })

  it('grows with demand, at most twofold each time, to half a lifetime of it', async () => {
    const { store, calls } = bench({ max: 1000 })
    await calls(2000)
    const sizes = store.calls.flatMap(({ what, grant }) => (what === 'acquire' ? [grant?.granted ?? 0] : []))
    for (const [i, size] of sizes.entries()) expect(size).toBeLessThanOrEqual(2 * (sizes[i - 1] ?? 1))
    expect(Math.max(...sizes)).toBeLessThanOrEqual(110)
    expect(sizes.at(-1)).toBeGreaterThan(90)
    expect(store.calls.length).toBeLessThan(60)
  })

  it('shrinks when demand does, at most by half each time', async () => {
    const { store, calls } = bench({ max: 1000 })
    await calls(1000)
    store.calls.length = 0
    await calls(100, 20_000)
    expect(Math.max(...store.calls.map(({ grant }) => grant?.granted ?? 0).slice(6))).toBeLessThan(15)
  })

  it('is at most max, but for a call that costs more', async () => {
    const { store, calls, consume } = bench({ max: 5 })
    await calls(100)
    expect(Math.max(...store.calls.map(({ grant }) => grant?.granted ?? 0))).toBe(5)
    const much = await consume(50)
    expect([much.source, much.numbers[0]]).toEqual(['store', 0])
  })

  it('covers every rule or none', async () => {
    const minute: RuleOptions = { algorithm: 'token-bucket', limit: '60/min', burst: 30 }
    const { store, calls, budget, leases, ask } = bench({ rules: [day, minute] })
    const answers = await calls(60)
    const admitted = answers.filter(({ numbers }) => numbers[0] === 0 && numbers[VERDICT_SIZE] === 0).length
    expect(admitted).toBe(30)
    await leases.release()
    const { numbers } = await store.decide('peek', [{ budget, key: 'a', cost: 0 }])
    expect(numbers[1]).toBe(10_000 - 30)
    expect(leases.decideAtOnce('consume', [ask()])).toBeNull()
  })
})

describe('a lease', () => {
  it('answers by itself, and takes more before it is used up', async () => {
    const { store, consume, calls, clock, sources } = await holding()
    sources.length = 0
    store.thereUs = 5000
    store.backUs = 5000
    const before = store.calls.length
    await calls(60)
    expect(sources.every((source) => source === 'lease')).toBe(true)
    expect(store.calls.length - before).toBeLessThan(10)
    await pass(clock, 10_000)
    expect(await consume()).toMatchObject({ source: 'lease' })
  })

  it('takes in time for a distant store, so that nobody waits for it', async () => {
    const { store, calls, waited, clock } = bench({ max: 1000 })
    store.thereUs = 40_000
    store.backUs = 40_000
    const beganUs = clock.now()
    await calls(3000)
    // It takes eight acquires to get to what is needed, one after another.
    expect(waited.filter((atUs) => atUs > beganUs + 1_000_000)).toEqual([])
  })

  it('lasts for its lifetime from when its acquire was sent', async () => {
    const { clock, store, leases, ask, calls, consume } = bench()
    await calls(1)
    store.thereUs = 30_000
    store.backUs = 40_000
    const sentAtUs = clock.now()
    const answer = consume()
    await pass(clock, 70_000, 10_000)
    expect([(await answer).source, store.granted]).toEqual(['store', 2])
    clock.set(sentAtUs + 199_999)
    expect(leases.decideAtOnce('peek', [ask()])).toMatchObject({ source: 'lease' })
    clock.set(sentAtUs + 200_000)
    expect(leases.decideAtOnce('peek', [ask()])).toBeNull()
    expect(leases.decideAtOnce('consume', [ask()])).toBeNull()
  })

  it('ends at the edge of a window', async () => {
    const clock = manualClock()
    const { leases, ask, calls, budget, store } = bench({
      clock,
      lifetimeMs: 60_000,
      rules: [{ ...day, limit: '10000/min' }],
    })
    clock.set(1_767_225_659_900_000)
    await calls(40)
    expect(leases.decideAtOnce('peek', [ask()])).not.toBeNull()
    clock.set(1_767_225_659_999_999)
    expect(leases.decideAtOnce('peek', [ask()])).not.toBeNull()
    clock.set(1_767_225_660_000_000)
    expect(leases.decideAtOnce('peek', [ask()])).toBeNull()
    clock.advance('1s')
    await turn()
    expect(await usedOf({ store, budget })).toBe(0)
  })

  it('ends at every kind of edge, and where a custom algorithm is as new', async () => {
    const startUs = 1_767_225_659_900_000
    const idle = freshBudget({ algorithm: 'token-bucket', limit: '10000/min', burst: 10_000 })
      .rules[0] as Rule
    const custom = { ...idle, algorithm: { ...idle.algorithm, custom: true } }
    const edges: [Rule, number][] = [
      [ruleOf({ align: 'first-hit', limit: '10000/100ms' }), 101_000],
      [ruleOf({ align: 'calendar', limit: '10000/min' }), 100_000],
      // The wait until it has recovered from three units.
      [custom, 19_000],
    ]
    for (const [rule, afterUs] of edges) {
      const clock = manualClock(startUs)
      const { leases, ask, calls, budget } = bench({ clock, lifetimeMs: 60_000 })
      Object.assign(budget, { rules: [rule] })
      await calls(2)
      clock.set(startUs + afterUs - 1)
      expect(leases.decideAtOnce('peek', [ask()])).not.toBeNull()
      clock.set(startUs + afterUs)
      expect(leases.decideAtOnce('peek', [ask()])).toBeNull()
    }
  })

  it('returns what is left when it ends, once', async () => {
    const one = await holding()
    expect(one.held).toBeGreaterThan(0)
    await pass(one.clock, 600_000, 50_000)
    expect(one.store.returned).toBe(one.held)
    expect(await usedOf(one)).toBe(40)
    await one.leases.release()
    await pass(one.clock, 600_000, 50_000)
    expect(one.store.returned).toBe(one.held)
    expect(one.clock.pending).toBe(0)
  })

  it('returns what is left with release, once, and begins anew afterwards', async () => {
    const one = await holding()
    await Promise.all([one.leases.release(), one.leases.release()])
    expect([await usedOf(one), one.store.returned, one.clock.pending]).toEqual([40, one.held, 0])
    await one.calls(20)
    expect(one.sources.at(-1)).toBe('lease')
  })

  it('keeps with release what it holds of budgets that are still in force', async () => {
    const one = await holding()
    const { budget } = one.ask()
    const before = [await usedOf(one), one.store.returned]
    await one.leases.release(new Set([budget]))
    expect([await usedOf(one), one.store.returned]).toEqual(before)
    await one.leases.release(new Set())
    expect([await usedOf(one), one.store.returned]).toEqual([40, one.held])
  })

  it('gives back what arrives after release, before release is over', async () => {
    const one = await holding()
    const { store, clock, leases, consume, sources } = one
    const answers: Promise<Verdicts>[] = []
    store.thereUs = 5000
    while (store.calls.at(-1)?.what !== 'acquire') answers.push(consume())
    const releasing = leases.release()
    answers.push(leases.decide('consume', [one.ask()]))
    expect(await outcome(releasing)).toBe('pending')
    await pass(clock, 50_000, 5000)
    expect(await outcome(releasing)).toBeUndefined()
    for (const { numbers } of await Promise.all(answers)) expect(numbers[0]).toBe(0)
    store.thereUs = 0
    await leases.release()
    expect(await usedOf(one)).toBe(sources.length + store.count('consume'))
  })

  it('is forgotten by reset, and what was on its way then is not spent', async () => {
    const one = await holding()
    const { store, clock, leases, ask, consume } = one
    store.backUs = 5000
    while (store.calls.at(-1)?.what !== 'acquire') void consume()
    store.backUs = 0
    await leases.reset([ask()])
    expect(leases.decideAtOnce('peek', [ask()])).toBeNull()
    expect(await usedOf(one)).toBe(0)
    await pass(clock, 5000)
    expect(leases.decideAtOnce('peek', [ask()])).toBeNull()
    await pass(clock, 1_000_000, 50_000)
    expect([store.returned, await usedOf(one)]).toEqual([0, 0])
  })

  it('that was on its way when its key was reset, is spent by nobody who waited for it', async () => {
    const one = bench()
    const { store, clock, leases, ask, calls } = one
    await calls(1)
    store.backUs = 5000
    const answers = Promise.all([leases.decide('consume', [ask()]), leases.decide('consume', [ask()])])
    await turn()
    store.backUs = 0
    await leases.reset([ask()])
    await pass(clock, 5000)
    expect((await answers).map(({ source }) => source)).toEqual(['store', 'store'])
    expect(await usedOf(one)).toBe(1)
  })

  it('says what remains as the store would, with what is held', async () => {
    const { calls } = bench({ max: 50 })
    const answers = await calls(300)
    expect(answers.map(({ numbers }) => numbers[1])).toEqual(answers.map((_, i) => 9999 - i))
    const bucket = bench({ rules: [{ algorithm: 'token-bucket', limit: '1000/s', burst: 100 }], max: 50 })
    for (const { numbers } of await bucket.calls(200, 2000)) expect(numbers[1]).toBeLessThanOrEqual(100)
  })

  it('answers in an array of its own each time, with the receipt of the acquire', async () => {
    const { leases, ask, store } = await holding()
    const [one, other] = [1, 2].map(() => leases.decideAtOnce('consume', [ask()])?.numbers as number[])
    expect(one).not.toBe(other)
    expect(other?.[1]).toBe((one?.[1] as number) - 1)
    const grants = store.calls.flatMap(({ grant }) =>
      grant === undefined ? [] : [Array.from(grant.numbers)],
    )
    expect(grants.map((numbers) => numbers.slice(3))).toContainEqual(one?.slice(3))
  })

  it('is looked at by peek, which spends nothing, and left alone by charge and a cost of 0', async () => {
    const { leases, ask, held, store } = await holding()
    const peek = leases.decideAtOnce('peek', [ask(held)])
    expect(peek).toMatchObject({ source: 'lease' })
    expect(leases.decideAtOnce('peek', [ask(held)])).not.toBeNull()
    expect(leases.decideAtOnce('charge', [ask()])).toBeNull()
    expect(leases.decideAtOnce('credit', [ask()])).toBeNull()
    expect(leases.decideAtOnce('peek', [ask(0)])).toBeNull()
    const before = store.calls.length
    await leases.decide('charge', [ask(20_000)])
    await leases.decide('peek', [ask(0)])
    expect(store.calls.slice(before).map(({ what }) => what)).toEqual(['charge', 'peek'])
    // Units that were granted stay good for their lifetime.
    expect(leases.decideAtOnce('consume', [ask()])).toMatchObject({ source: 'lease' })
  })

  it('is spent for several policies together or for none', async () => {
    const { leases, ask, calls, clock, held } = await holding()
    const other = leased(freshBudget(day))
    const both = [ask(), { budget: other, key: 'b', cost: 1 }]
    const left = (): number => {
      for (let cost = held; ; cost--) if (cost === 0 || leases.decideAtOnce('peek', [ask(cost)])) return cost
    }
    const before = left()
    expect(leases.decideAtOnce('consume', both)).toBeNull()
    expect(left()).toBe(before)
    for (let i = 0; i < 6; i++) {
      clock.advanceUs(1000)
      await leases.decide('consume', both)
      await turn()
    }
    const answer = leases.decideAtOnce('consume', both)
    expect(answer).toMatchObject({ source: 'lease', times: [expect.any(Number), expect.any(Number)] })
    expect(answer?.numbers).toHaveLength(2 * VERDICT_SIZE)
    const unleased = [ask(), { budget: freshBudget(day), key: 'b', cost: 1 }]
    expect(leases.decideAtOnce('consume', unleased)).toBeNull()
    await calls(1)
  })

  it('is not tried again while the store would deny it, for all of its rules', async () => {
    const slow: RuleOptions = { algorithm: 'token-bucket', limit: '1/s', burst: 10 }
    const { store, calls } = bench({ rules: [day, slow] })
    await calls(10)
    store.calls.length = 0
    const answers = await calls(50)
    expect(answers.every(({ numbers }) => (numbers[VERDICT_SIZE] as number) > 0)).toBe(true)
    // Each call asks for itself: without a deny cache beneath, denials are the store's.
    expect(store.granted).toBe(0)
    expect(store.calls.length).toBe(50)
  })
})
