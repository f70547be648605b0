import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Budget } from '../../src/core/budget.ts'
import type { RuleOptions } from '../../src/core/rule.ts'
import { anyRule, freshBudget, history, step, windowUs } from './arbitraries.ts'
import { onEveryStore } from './stores.ts'

const DAY_US = 86_400_000_000

onEveryStore('G7 one clock', (stage) => {
  it('a clock that jumps back mints nothing and adds at most max(W, ⌈B·W/N⌉) of wait', async () => {
    let jumps = 0
    const back = fc.oneof(fc.integer({ min: 1, max: 5000 }), fc.integer({ min: 1, max: 400 * DAY_US }))
    await fc.assert(
      fc.asyncProperty(
        anyRule,
        history(20),
        back,
        fc.integer({ min: 1, max: 20 }),
        async (rule, questions, by, cost) => {
          const { clock, ask } = stage.bench()
          const budget = freshBudget(rule)
          const one = { budget, key: 'key' }
          for (const question of questions) {
            clock.advanceUs(step(budget, question))
            await ask('consume', { ...one, cost: question.cost })
          }
          const before = await ask('peek', { ...one, cost })
          const left = (await ask('peek', { ...one, cost: 0 })).remaining
          clock.set(clock.now() - by)
          jumps++
          // A denial, which writes nothing but the new place of the state.
          const after = await ask('consume', { ...one, cost: left + 1 })
          const wanted = await ask('peek', { ...one, cost })
          expect(after.wait).not.toBe(0)
          expect(after.remaining).toBeLessThanOrEqual(left)
          if (before.wait < 0) return
          expect(wanted.wait).toBeLessThanOrEqual(before.wait + longest(rule, budget))
          // The wait was written down: time that passes from now on counts.
          clock.advanceUs(wanted.wait)
          expect((await ask('peek', { ...one, cost })).wait).toBe(0)
        },
      ),
      { numRuns: stage.runs(300) },
    )
    expect(jumps).toBeGreaterThan(0)
  })
})

/** max(W, ⌈B·W/N⌉); a calendar's window is as long as its longest month or day. */
function longest({ align }: RuleOptions, budget: Budget): number {
  const { limit = 1, capacity = 1 } = budget.rules[0] ?? {}
  const window = windowUs(budget)
  const calendar = align === 'calendar' ? (window >= 28 * DAY_US ? DAY_US : 3_600_000_000) : 0
  return Math.max(window + calendar, Math.ceil((capacity * window) / limit))
}
