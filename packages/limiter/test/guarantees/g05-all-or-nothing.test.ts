import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { BudgetRequest, Store } from '../../src/core/store.ts'
import { decide } from '../../src/testing/contract/case.ts'
import { anyRule, freshBudget, history, step } from './arbitraries.ts'
import { onEveryStore } from './stores.ts'

onEveryStore('G5 all or nothing', (stage) => {
  it('every rule of every request spends, or none does', async () => {
    const seen = { passed: 0, denied: 0 }
    const budgets = fc.array(fc.array(anyRule, { minLength: 1, maxLength: 3 }), {
      minLength: 1,
      maxLength: 3,
    })
    await fc.assert(
      fc.asyncProperty(budgets, history(25), async (rules, questions) => {
        const { store, clock } = stage.bench()
        const requests = rules.map(
          (some, i): BudgetRequest => ({ budget: freshBudget(...some), key: `key-${i % 2}`, cost: 0 }),
        )
        const first = (requests[0] as BudgetRequest).budget
        for (const question of questions) {
          clock.advanceUs(step(first, question))
          const costly = requests.map((request, i) => ({
            ...request,
            cost: question.us % 2 === 0 ? 1 : question.cost % (i + 2),
          }))
          const [before, promised] = [
            await numbers(store, 'peek', requests),
            await numbers(store, 'peek', costly),
          ]
          const answer = await numbers(store, 'consume', costly)
          const after = await numbers(store, 'peek', requests)
          expect(answer).toEqual(promised)
          const passed = answer.every(([wait]) => wait === 0)
          seen[passed ? 'passed' : 'denied']++
          expect(after.map(left)).toEqual(passed ? answer.map(left) : before.map(left))
          if (passed) expect(after.map(left)).toEqual(spentFrom(before, costly))
        }
      }),
      { numRuns: stage.runs(400) },
    )
    expect(Math.min(seen.passed, seen.denied)).toBeGreaterThan(stage.runs(150) / 50)
  })
})

type Triple = readonly [wait: number, remaining: number, reset: number]

function left([, remaining, reset]: Triple): [number, number] {
  return [remaining, reset]
}

/** What must remain: each rule has lost the cost of its request. The time to recover is that of the answer. */
function spentFrom(before: readonly Triple[], requests: readonly BudgetRequest[]): [unknown, unknown][] {
  const costs = requests.flatMap(({ budget, cost }) => budget.rules.map(() => cost))
  return before.map(([, remaining], i) => [remaining - (costs[i] as number), expect.any(Number)])
}

async function numbers(
  store: Store,
  verb: 'consume' | 'peek',
  requests: readonly BudgetRequest[],
): Promise<Triple[]> {
  const { waits, remaining, resets } = await decide(store, verb, requests)
  return waits.map((wait, i) => [wait, remaining[i] as number, resets[i] as number])
}
