import { describe, expect, it } from 'vitest'
import { HeadgateError } from '../../src/core/errors.ts'
import { withLeases } from '../../src/entries/resilience.ts'
import { manualClock } from '../../src/testing/manual-clock.ts'
import { freshBudget } from '../guarantees/arbitraries.ts'
import { ControllableStore, outcome, turn, verdict } from './controllable-store.ts'
import { DistantStore, pass } from './distant-store.ts'
import { GroupingStore } from './grouping-store.ts'
import { bench, day, holding, leased } from './lease-bench.ts'

describe('an acquire that takes its time', () => {
  it('is shared by those who find room in it; the others ask for themselves', async () => {
    const { store, clock, calls, consume } = bench()
    await calls(1)
    store.thereUs = 2000
    const answers = Promise.all(Array.from({ length: 30 }, () => consume()))
    await pass(clock, 2000)
    for (const { numbers } of await answers) expect(numbers[0]).toBe(0)
    expect([store.granted, store.count('acquire'), store.count('consume')]).toEqual([2, 1, 1 + 28])
  })

  it('leaves those who wait for it to the store when it brought too little', async () => {
    const { store, clock, calls, consume } = bench({ rules: [{ ...day, limit: '2/day' }] })
    await calls(1)
    store.thereUs = 2000
    const answers = Promise.all([consume(), consume()])
    await pass(clock, 2000)
    await pass(clock, 2000)
    const [first, second] = await answers
    expect([first?.numbers[0], (second?.numbers[0] as number) > 0]).toEqual([0, true])
    expect(store.calls.map(({ what }) => what)).toEqual(['consume', 'acquire', 'consume'])
  })

  it('is not waited for by callers who have less time than an acquire', async () => {
    const { store, ask, leases, calls } = bench()
    await calls(1)
    store.manner = 'lose'
    const first = leases.decide('consume', [ask()])
    const second = leases.decide('consume', [ask()])
    store.manner = 'answer'
    expect(await outcome(leases.decide('consume', [ask()], { deadlineMs: 5 }))).toMatchObject({
      source: 'store',
    })
    expect([await outcome(first), await outcome(second)]).toEqual(['pending', 'pending'])
  })

  it('is begun for callers in a hurry all the same, and spent by those after them', async () => {
    const { leases, ask, clock } = bench()
    for (let i = 0; i < 3; i++) {
      clock.advanceUs(1000)
      await leases.decide('consume', [ask()], { deadlineMs: 5 })
      await turn()
    }
    expect(leases.decideAtOnce('consume', [ask()])).toMatchObject({ source: 'lease' })
  })

  it('is not what callers in a hurry wait for, even the first of them: they ask for themselves', async () => {
    const { store, leases, ask, calls } = bench()
    await calls(1)
    store.manner = 'lose'
    void leases.decide('consume', [ask()], { deadlineMs: 14.9 })
    expect(store.calls.map(({ what }) => what)).toEqual(['consume', 'acquire', 'consume'])
  })

  it('is not asked for again when it failed, as it may have been carried out', async () => {
    const { store, ask, leases, calls } = bench()
    await calls(1)
    store.manner = 'fail'
    await expect(leases.decide('consume', [ask()])).rejects.toMatchObject({ code: 'store-unavailable' })
    expect(store.calls.map(({ what }) => what)).toEqual(['consume', 'acquire'])
  })

  it('leaves the decision to others where it failed, but not where it was used wrongly', async () => {
    const clock = manualClock()
    const store = new DistantStore(clock)
    const told: unknown[] = []
    const other = { now: 1, numbers: verdict(0, 7, 0), source: 'fallback' as const }
    const leases = withLeases(store, {
      clock,
      onFailure: (verb, requests, reason) => {
        told.push([verb, requests.length, (reason as Error).message])
        return other
      },
    })
    const request = { budget: leased(freshBudget(day)), key: 'a', cost: 1 }
    await leases.decide('consume', [request])
    clock.advanceUs(1000)
    store.manner = 'fail'
    expect(await leases.decide('consume', [request])).toBe(other)
    expect(told).toEqual([['consume', 1, expect.stringContaining('refused')]])
    store.manner = 'answer'
    store.acquire = () => Promise.reject(new HeadgateError('invalid-rule', 'no twin'))
    await leases.decide('consume', [request])
    clock.advanceUs(1000)
    await expect(leases.decide('consume', [request])).rejects.toMatchObject({ code: 'invalid-rule' })
  })

  it('is waited for by those who can wait as long as the one who began it', async () => {
    const { store, clock, ask, leases, calls } = bench()
    await calls(1)
    store.thereUs = 5000
    const first = leases.decide('consume', [ask()], { deadlineMs: 20 })
    clock.advanceUs(1000)
    const hurried = leases.decide('consume', [ask()], { deadlineMs: 18 })
    const second = leases.decide('consume', [ask()], { deadlineMs: 20 })
    expect(store.calls.map(({ what }) => what)).toEqual(['consume', 'acquire', 'consume'])
    await pass(clock, 5000)
    expect((await Promise.all([first, second, hurried])).map(({ source }) => source)).toEqual([
      'store',
      'lease',
      'store',
    ])
  })

  it('lasts from when it was sent, where the store says when', async () => {
    const clock = manualClock()
    const store = new GroupingStore(clock, { size: 1, callUs: 50_000 })
    const leases = withLeases(store, { clock })
    const request = { budget: leased(freshBudget(day)), key: 'a', cost: 1 }
    const first = leases.decide('consume', [request])
    const second = leases.decide('consume', [request])
    await turn()
    const askedAtUs = clock.now()
    await pass(clock, 100_000, 10_000)
    await Promise.all([first, second])
    clock.set(askedAtUs + 50_000 + 199_999)
    expect(leases.decideAtOnce('peek', [request])).toMatchObject({ source: 'lease' })
    clock.set(askedAtUs + 50_000 + 200_000)
    expect(leases.decideAtOnce('peek', [request])).toBeNull()
  })

  it('brings nothing that can be spent when it is answered after its lifetime', async () => {
    const { store, clock, leases, calls, ask } = bench()
    await calls(1)
    store.backUs = 250_000
    const late = leases.decide('consume', [ask()])
    await turn()
    await pass(clock, 250_000)
    // The call itself was decided by the store, like any other.
    expect([(await late).source, store.granted]).toEqual(['store', 2])
    expect(leases.decideAtOnce('consume', [ask()])).toBeNull()
    store.backUs = 0
    await pass(clock, 100_000, 50_000)
    expect(store.returned).toBe(1)
  })
})

describe('withLeases', () => {
  it('holds so many keys and no more, with one timer', async () => {
    const { leases, budget, clock } = bench()
    for (let i = 0; i < 10_050; i++) await leases.decide('consume', [{ budget, key: `k${i}`, cost: 1 }])
    expect(clock.pending).toBe(1)
    const isLeased = async (key: string): Promise<boolean> => {
      const sources: unknown[] = []
      for (let i = 0; i < 8; i++)
        sources.push((await leases.decide('consume', [{ budget, key, cost: 1 }])).source)
      return sources.includes('lease')
    }
    expect([await isLeased('k1'), await isLeased('k10049')]).toEqual([true, false])
    await pass(clock, 700_000, 50_000)
    expect(clock.pending).toBe(0)
    expect(await isLeased('k10049')).toBe(true)
  })

  it('returns what many keys hold in calls of 64', async () => {
    const { leases, budget, store } = bench()
    for (let i = 0; i < 130; i++) {
      for (let n = 0; n < 4; n++) await leases.decide('consume', [{ budget, key: `k${i}`, cost: 1 }])
    }
    await leases.release()
    expect(store.calls.filter(({ what }) => what === 'refund').map(({ keys }) => keys.length)).toEqual([
      64, 64, 2,
    ])
  })

  it('leaves a store alone that cannot lease, and policies without a lease', async () => {
    const plain = new ControllableStore()
    const leases = withLeases(plain, { clock: manualClock() })
    const budget = leased(freshBudget(day))
    for (let i = 0; i < 5; i++) await leases.decide('consume', [{ budget, key: 'a', cost: 1 }])
    await leases.release()
    await leases.close()
    expect(plain.calls).toEqual([...Array(5).fill('consume'), 'close'])
    const { leases: others, store } = bench()
    const free = freshBudget(day)
    for (let i = 0; i < 5; i++) await others.decide('consume', [{ budget: free, key: 'a', cost: 1 }])
    expect(store.count('acquire')).toBe(0)
  })

  it('closes although the store does not answer', async () => {
    const one = await holding()
    one.store.manner = 'fail'
    await one.leases.close()
    expect(one.clock.pending).toBe(0)
  })

  it('refuses wrong options', () => {
    expect(() => withLeases(new ControllableStore(), { max: 1 } as object)).toThrow('max')
  })
})
