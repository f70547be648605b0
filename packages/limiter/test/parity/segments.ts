import { budgetOf } from '../../src/core/budget.ts'
import { compileRule } from '../../src/core/rule.ts'
import type { Store } from '../../src/core/store.ts'
import { memoryStore } from '../../src/stores/memory/index.ts'
import { type ManualClock, manualClock } from '../../src/testing/manual-clock.ts'
import { randomOf } from './random.ts'

const WINDOW_US = 10_000_000
const ROUNDS = 40
const QUESTIONS = 25

/**
 * Says where a store disagrees with memory on one sliding window whose segments become fewer and more, and which goes
 * into debt: random traffic seldom makes entries join. Null when nowhere.
 */
export async function wrongSegments(
  fresh: (clock: ManualClock) => Store,
  seed: number,
): Promise<string | null> {
  const random = randomOf(seed)
  const clock = manualClock()
  const stores = [memoryStore({ clock }), fresh(clock)]
  for (let round = 0; round < ROUNDS; round++) {
    for (let i = 0; i < QUESTIONS; i++) {
      clock.advanceUs(random.pick([1, WINDOW_US / 10, WINDOW_US / 5, random.below(WINDOW_US / 4)]))
      const rule = {
        name: 'r',
        limit: `${random.pick([3, 20, 100])}/10s`,
        segments: random.pick([2, 2, 3, 4, 10, 40]),
      }
      const budget = budgetOf(`p${round}`, [compileRule(rule, 'rule')])
      const verb = random.pick(['consume', 'charge', 'charge', 'peek'] as const)
      const requests = [{ budget, key: 'k', cost: random.between(1, 4) }]
      const [wanted, got] = await Promise.all(stores.map((store) => store.decide(verb, requests)))
      // Wait, remaining and reset.
      const [ours, theirs] = [wanted, got].map((one) =>
        Array.from(one?.numbers ?? [])
          .slice(0, 3)
          .join(' '),
      )
      if (ours !== theirs) return `round ${round}, question ${i}: ${verb} of ${rule.segments} segments`
    }
  }
  return null
}
