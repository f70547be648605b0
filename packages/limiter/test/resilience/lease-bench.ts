/** Leases on a distant store, used as a limiter uses them. */
import { REMAINING } from '../../src/core/algorithm.ts'
import type { Budget } from '../../src/core/budget.ts'
import type { Source } from '../../src/core/decision.ts'
import type { RuleOptions } from '../../src/core/rule.ts'
import type { BudgetRequest, Verdicts } from '../../src/core/store.ts'
import { withLeases } from '../../src/entries/resilience.ts'
import { type ManualClock, manualClock } from '../../src/testing/manual-clock.ts'
import { freshBudget } from '../guarantees/arbitraries.ts'
import { turn } from './controllable-store.ts'
import { DistantStore, pass } from './distant-store.ts'

export const day: RuleOptions = { algorithm: 'fixed-window', align: 'epoch', limit: '10000/day' }

export interface BenchOptions {
  readonly rules?: readonly RuleOptions[]
  readonly max?: number
  readonly lifetimeMs?: number
  readonly clock?: ManualClock
}

export function bench({
  rules = [day],
  max = 100,
  lifetimeMs = 200,
  clock = manualClock(),
}: BenchOptions = {}) {
  const store = new DistantStore(clock)
  const sources: Source[] = []
  const leases = withLeases(store, { clock, onAnswer: (source) => sources.push(source) })
  const budget = leased(freshBudget(...rules), max, lifetimeMs)
  const ask = (cost = 1, key = 'a'): BudgetRequest => ({ budget, key, cost })
  /** Calls that had to wait. */
  const waited: number[] = []
  /** As a limiter does it. */
  const consume = async (cost = 1, key = 'a'): Promise<Verdicts> => {
    const held = leases.decideAtOnce('consume', [ask(cost, key)])
    if (held !== null) return held
    waited.push(clock.now())
    return leases.decide('consume', [ask(cost, key)])
  }
  /** So many calls, each so many microseconds after the last one; nobody waits for the answer of another. */
  const calls = async (count: number, everyUs = 1000): Promise<Verdicts[]> => {
    const all: Promise<Verdicts>[] = []
    for (let i = 0; i < count; i++) {
      clock.advanceUs(everyUs)
      all.push(consume())
      await turn()
    }
    const awayUs = store.thereUs + store.backUs
    if (awayUs > 0) await pass(clock, 2 * awayUs, 1000)
    return Promise.all(all)
  }
  return { clock, store, leases, budget, ask, consume, calls, sources, waited }
}

export function leased(budget: Budget, max = 100, lifetimeMs = 200): Budget {
  return { ...budget, lease: { max, lifetimeUs: lifetimeMs * 1000 } }
}

/** A bench whose key holds units, none of them spent yet. */
export async function holding(options?: BenchOptions) {
  const one = bench(options)
  await one.calls(40)
  const { granted } = one.store
  const used = await usedOf(one)
  return { ...one, granted, held: used - 40 }
}

export async function usedOf(
  { store, budget }: { store: DistantStore; budget: Budget },
  key = 'a',
): Promise<number> {
  const { numbers } = await store.decide('peek', [{ budget, key, cost: 0 }])
  return (budget.rules[0]?.capacity ?? 0) - (numbers[REMAINING] as number)
}
