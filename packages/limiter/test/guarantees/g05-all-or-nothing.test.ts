import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Ask, Store } from '../../src/core/store.ts'
import { anyRule, freshBudget, history, step } from './arbitraries.ts'
import { onEveryStore } from './stores.ts'

onEveryStore('G5 all or nothing', (stage) => {
  it('every rule of every ask spends, or none does', async () => {
    const seen = { passed: 0, denied: 0 }
    const budgets = fc.array(fc.array(anyRule, { minLength: 1, maxLength: 3 }), {
      minLength: 1,
      maxLength: 3,
    })
    await fc.assert(
      fc.asyncProperty(budgets, history(25), async (rules, questions) => {
        const { store, clock } = stage.bench()
        const asks = rules.map(
          (some, i): Ask => ({ budget: freshBudget(...some), key: `key-${i % 2}`, cost: 0 }),
        )
        const first = (asks[0] as Ask).budget
        for (const question of questions) {
          clock.advanceUs(step(first, question))
          const costly = asks.map((ask, i) => ({
            ...ask,
            cost: question.us % 2 === 0 ? 1 : question.cost % (i + 2),
          }))
          const [before, promised] = [
            await numbers(store, 'peek', asks),
            await numbers(store, 'peek', costly),
          ]
          const answer = await numbers(store, 'consume', costly)
          const after = await numbers(store, 'peek', asks)
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

/** What must remain: each rule has lost the cost of its ask. The time to recover is that of the answer. */
function spentFrom(before: readonly Triple[], asks: readonly Ask[]): [unknown, unknown][] {
  const costs = asks.flatMap(({ budget, cost }) => budget.rules.map(() => cost))
  return before.map(([, remaining], i) => [remaining - (costs[i] as number), expect.any(Number)])
}

async function numbers(store: Store, verb: 'peek' | 'consume', asks: readonly Ask[]): Promise<Triple[]> {
  const flat = Array.from((await store.decide(verb, asks)).numbers)
  const count = asks.reduce((sum, { budget }) => sum + budget.rules.length, 0)
  return Array.from({ length: count }, (_, i) => flat.slice(i * 3, i * 3 + 3) as unknown as Triple)
}
