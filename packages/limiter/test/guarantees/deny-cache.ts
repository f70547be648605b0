/** Histories of one key behind a deny cache, at the end of a link that takes its time. */
import fc from 'fast-check'
import type { BudgetRequest } from '../../src/core/store.ts'
import { type DenyCache, withDenyCache } from '../../src/entries/resilience.ts'
import { type ManualClock, manualClock } from '../../src/testing/manual-clock.ts'
import { ReferenceStore } from '../oracle/reference-store.ts'
import { DistantStore, pass } from '../resilience/distant-store.ts'
import { anyRule, freshBudget, history, type Question, step } from './arbitraries.ts'

export interface CachedBench {
  readonly clock: ManualClock
  readonly cache: DenyCache
  /** What stands behind, asked without a way. */
  readonly origin: ReferenceStore
  /** The question under one to three keys with the same rules. */
  readonly asks: readonly BudgetRequest[]
  readonly question: Question
}

const links = fc.record({
  thereUs: fc.constantFrom(0, 0, 300, 40_000),
  backUs: fc.constantFrom(0, 0, 700, 60_000),
})

/** Asks the questions of a random history, over a random link; `check` sees each denial that was repeated. */
export async function repeatedDenials(
  runs: number,
  check: (bench: CachedBench, numbers: readonly number[]) => void,
): Promise<number> {
  let repeats = 0
  await fc.assert(
    fc.asyncProperty(anyRule, anyRule, history(), links, async (rule, other, questions, link) => {
      const clock = manualClock()
      const origin = new ReferenceStore(clock)
      const store = new DistantStore(clock, origin)
      Object.assign(store, link)
      const cache = withDenyCache(store, { clock, max: 3 })
      const budgets = [freshBudget(rule), freshBudget(other)]
      const [budget] = budgets as [(typeof budgets)[0]]
      for (const [i, question] of questions.entries()) {
        // Small steps, or every denial would be over by the next question.
        clock.advanceUs(i % 3 === 0 ? step(budget, question) : question.us + 1)
        const cost = Math.max(1, question.cost)
        const asks = budgets
          .slice(0, 1 + (question.sixteenths % 2))
          .map((one): BudgetRequest => ({ budget: one, key: 'key', cost }))
        const known = cache.decideAtOnce('consume', asks)
        if (known !== null) {
          repeats++
          check({ clock, cache, origin, asks, question }, Array.from(known.numbers))
        }
        const answer = cache.decide('consume', asks)
        await pass(clock, link.thereUs + link.backUs + 1)
        await pass(clock, link.thereUs + link.backUs + 1)
        await answer
      }
    }),
    { numRuns: runs },
  )
  return repeats
}
