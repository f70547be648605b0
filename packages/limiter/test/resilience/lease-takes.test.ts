import { describe, expect, it } from 'vitest'
import { withLeases } from '../../src/resilience/index.ts'
import { manualClock } from '../../src/testing/manual-clock.ts'
import { freshBudget } from '../guarantees/arbitraries.ts'
import { ControllableStore, outcome, turn } from './controllable-store.ts'
import { pass } from './distant-store.ts'
import { bench, day, holding, leased } from './lease-bench.ts'

describe('a take that takes its time', () => {
  it('is shared by those who find room in it; the others ask for themselves', async () => {
    const { store, clock, calls, consume } = bench()
    await calls(1)
    store.thereUs = 2000
    const answers = Promise.all(Array.from({ length: 30 }, () => consume()))
    await pass(clock, 2000)
    for (const { numbers } of await answers) expect(numbers[0]).toBe(0)
    expect([store.granted, store.count('take'), store.count('consume')]).toEqual([2, 1, 1 + 28])
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
    expect(store.calls.map(({ what }) => what)).toEqual(['consume', 'take', 'consume'])
  })

  it('is not waited for by callers who have less time than a take', async () => {
    const { store, ask, leases, calls } = bench()
    await calls(1)
    store.manner = 'lose'
    const first = leases.decide('consume', [ask()])
    const second = leases.decide('consume', [ask()])
    store.manner = 'answer'
    expect(await outcome(leases.decide('consume', [ask()], 5))).toMatchObject({ source: 'store' })
    expect([await outcome(first), await outcome(second)]).toEqual(['pending', 'pending'])
  })

  it('is begun for callers in a hurry all the same, and spent by those after them', async () => {
    const { leases, ask, clock } = bench()
    for (let i = 0; i < 3; i++) {
      clock.advanceUs(1000)
      await leases.decide('consume', [ask()], 5)
      await turn()
    }
    expect(leases.consumeAtOnce(ask())).toMatchObject({ source: 'lease' })
  })

  it('is not asked for again when it failed, as it may have been carried out', async () => {
    const { store, ask, leases, calls } = bench()
    await calls(1)
    const deadlines: unknown[] = []
    const decide = store.decide.bind(store)
    store.decide = (verb, asks, deadlineMs?: number) => {
      deadlines.push(deadlineMs)
      return decide(verb, asks)
    }
    store.manner = 'fail'
    await expect(leases.decide('consume', [ask()])).rejects.toMatchObject({ code: 'store-unavailable' })
    expect(deadlines).toEqual([0])
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
    expect(leases.consumeAtOnce(ask())).toBeNull()
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
    expect(store.calls.filter(({ what }) => what === 'refund').map(({ asks }) => asks.length)).toEqual([
      64, 64, 2,
    ])
  })

  it('leaves a store alone that cannot take, and policies without a lease', async () => {
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
    expect(store.count('take')).toBe(0)
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
