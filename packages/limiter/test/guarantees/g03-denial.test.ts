import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { VERDICT_SIZE } from '../../src/core/algorithm.ts'
import { anyRule, freshBudget, history, step } from './arbitraries.ts'
import { repeatedDenials } from './deny-cache.ts'
import { onEveryStore } from './stores.ts'

onEveryStore('G3 denial is free', (stage) => {
  it('a history with denials in it is answered as the same history without them', async () => {
    let denials = 0
    await fc.assert(
      fc.asyncProperty(anyRule, history(), fc.nat(3), async (rule, questions, extra) => {
        const { clock, ask } = stage.bench()
        const budget = freshBudget(rule)
        const quiet = { budget, key: 'quiet' }
        const noisy = { budget, key: 'noisy' }
        for (const question of questions) {
          clock.advanceUs(step(budget, question))
          for (let i = 0; i < extra; i++) {
            const { remaining } = await ask('peek', { ...noisy, cost: 0 })
            const { wait } = await ask('consume', { ...noisy, cost: remaining + 1 + i })
            expect(wait).not.toBe(0)
            denials++
          }
          const { cost } = question
          expect(await ask('consume', { ...noisy, cost })).toEqual(await ask('consume', { ...quiet, cost }))
        }
      }),
      { numRuns: stage.runs(200) },
    )
    expect(denials).toBeGreaterThan(stage.runs(200) / 10)
  })
})

describe('G3 denial is free, also from the deny cache', () => {
  it('what it denies, the store would deny at that time', async () => {
    const repeats = await repeatedDenials(200, ({ origin, asks }) => {
      const { numbers } = origin.decideSync('peek', asks)
      const waits = asks.map((_, i) => numbers[i * VERDICT_SIZE])
      expect(waits.some((wait) => wait !== 0)).toBe(true)
    })
    expect(repeats).toBeGreaterThan(300)
  })
})
