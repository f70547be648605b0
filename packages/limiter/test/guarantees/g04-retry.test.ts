import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { VERDICT_SIZE } from '../../src/core/algorithm.ts'
import { anyRule, freshBudget, history, step } from './arbitraries.ts'
import { repeatedDenials } from './deny-cache.ts'
import { onEveryStore } from './stores.ts'

onEveryStore('G4 retry-after is exact', (stage) => {
  it('after the wait the same call passes; a microsecond, and any time, before it does not', async () => {
    let denials = 0
    await fc.assert(
      fc.asyncProperty(
        anyRule,
        history(25),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        async (rule, questions, part) => {
          const { clock, ask } = stage.bench()
          const budget = freshBudget(rule)
          for (const [i, question] of questions.entries()) {
            clock.advanceUs(step(budget, question))
            const one = { budget, key: 'key', cost: question.cost }
            // Now and then a charge, so that waits out of debt are met too.
            const { wait } = await ask(i % 7 === 6 ? 'charge' : 'consume', one)
            if (wait <= 0) continue
            denials++
            const now = clock.now()
            for (const [after, passes] of [
              [Math.floor(wait * part), false],
              [wait - 1, false],
              [wait, true],
            ] as const) {
              clock.set(now + after)
              const answer = await ask('peek', one)
              expect([after, answer.wait === 0]).toEqual([after, passes])
              if (!passes) expect(answer.wait).toBe(wait - after)
            }
            clock.set(now)
          }
        },
      ),
      { numRuns: stage.runs(200) },
    )
    expect(denials).toBeGreaterThan(stage.runs(200) / 50)
  })

  it('a cost above the capacity has no wait, and spends nothing', async () => {
    await fc.assert(
      fc.asyncProperty(anyRule, fc.integer({ min: 1, max: 2 ** 40 }), async (rule, above) => {
        const { ask } = stage.bench()
        const budget = freshBudget(rule)
        const capacity = budget.rules[0]?.capacity ?? 0
        const answer = await ask('consume', { budget, key: 'key', cost: capacity + above })
        expect(answer).toEqual({ wait: -1, remaining: capacity, reset: 0 })
        expect((await ask('consume', { budget, key: 'key', cost: capacity })).wait).toBe(0)
      }),
      { numRuns: stage.runs(100) },
    )
  })
})

describe('G4 retry-after, also from the deny cache', () => {
  it('is enough: after the wait the same call passes, and what never passes never does', async () => {
    const repeats = await repeatedDenials(200, ({ origin, asks, clock }, numbers) => {
      const waits = asks.map((_, i) => numbers[i * VERDICT_SIZE] as number)
      const now = clock.now()
      const isNever = waits.includes(-1)
      clock.set(now + Math.max(...waits))
      const later = origin.decideSync('peek', asks).numbers
      clock.set(now)
      expect(asks.map((_, i) => later[i * VERDICT_SIZE]).every((wait) => wait === 0)).toBe(!isNever)
    })
    expect(repeats).toBeGreaterThan(300)
  })
})
