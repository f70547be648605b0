import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Budget } from '../../src/core/budget.ts'
import type { Ask } from '../../src/core/store.ts'
import { across, closeAsks, isAdmission, numbersOf, rulesAcross } from './across.ts'
import { anyRule, history, step, windowUs } from './arbitraries.ts'

describe('G3 denial is free across stores', () => {
  it('a history with denials in it is answered as the same history without them', async () => {
    let denials = 0
    await fc.assert(
      fc.asyncProperty(rulesAcross, history(20), fc.nat(3), async (rules, questions, more) => {
        const bench = across(rules)
        const [first] = bench.budgets as [Budget]
        for (const question of questions) {
          bench.clock.advanceUs(step(first, question))
          for (let i = 0; i < more; i++) {
            // One of the budgets cannot give so much, each in its turn; the others could.
            const much = 2 ** 40
            const place = (question.us + 1 + i) % bench.budgets.length
            const asks = bench.asks((at) => (at === place ? much : 1))
            expect(isAdmission(await numbersOf(bench.split, 'consume', asks))).toBe(false)
            denials++
          }
          const asks = closeAsks(bench, question)
          const quiet = await numbersOf(bench.whole, 'consume', asks)
          expect(await numbersOf(bench.split, 'consume', asks)).toEqual(quiet)
        }
      }),
      { numRuns: 200 },
    )
    expect(denials).toBeGreaterThan(1000)
  })

  it('while time passes before the units return, a bucket loses what drained meanwhile, and nothing else', async () => {
    let forfeits = 0
    const parts = fc.tuple(anyRule, anyRule)
    await fc.assert(
      fc.asyncProperty(parts, history(12), fc.nat(40), async (rules, questions, sixteenths) => {
        const bench = across(rules.map((rule) => [rule]))
        const [first] = bench.budgets as [Budget]
        for (const question of questions) {
          bench.clock.advanceUs(step(first, question))
          await Promise.all(
            [bench.split, bench.whole].map((one) => one.decide('consume', closeAsks(bench, question))),
          )
        }
        const delayUs = Math.floor((windowUs(first) * sixteenths) / 160)
        const [part] = bench.parts as [(typeof bench.parts)[number]]
        part.beforeRefund = () => bench.clock.advanceUs(delayUs)
        const cost = 1 + (sixteenths % 3)
        const denied = bench.asks((place) => (place === 0 ? cost : 2 ** 40))
        await bench.split.decide('consume', denied)
        part.beforeRefund = () => {}
        const free = bench.asks(() => 0).slice(0, 1)
        const [, found = 0] = await numbersOf(bench.split, 'peek', free)
        const [, left = 0] = await numbersOf(bench.whole, 'peek', free)
        const forfeit = first.rules[0]?.algorithm.kind === 'bucket' ? forfeited(first, cost, delayUs) : 0
        expect(found).toBeLessThanOrEqual(left)
        expect(found).toBeGreaterThanOrEqual(left - forfeit)
        if (found < left) forfeits++
      }),
      { numRuns: 500 },
    )
    expect(forfeits).toBeGreaterThan(0)
  })

  it.each(['refuse', 'lose'] as const)(
    'where the units cannot be given back (%s), they drain',
    async (manner) => {
      await fc.assert(
        fc.asyncProperty(anyRule, history(12), fc.nat(5), async (rule, questions, extra) => {
          const bench = across([[rule], [{ limit: '1/s' }]])
          const [budget] = bench.budgets as [Budget]
          const [part] = bench.parts as [(typeof bench.parts)[number]]
          const mine = (cost: number): Ask[] => [{ budget, key: 'key', cost }]
          for (const question of questions) {
            bench.clock.advanceUs(step(budget, question))
            const draw = mine(question.cost)
            await Promise.all([bench.split, bench.whole].map((one) => one.decide('consume', draw)))
          }
          part.refunds = manner
          const cost = 1 + extra
          await bench.split.decide(
            'consume',
            bench.asks((place) => (place === 0 ? cost : 2)),
          )
          // Refused: as if they had been spent for good. Lost: given back after all.
          if (manner === 'refuse') await bench.whole.decide('consume', mine(cost))
          for (let i = 0; i < 3; i++) {
            const expected = await numbersOf(bench.whole, 'peek', mine(0))
            expect(await numbersOf(part.inner, 'peek', mine(0))).toEqual(expected)
            const [, , reset = 0] = expected
            bench.clock.advanceUs(i === 0 ? Math.floor(reset / 2) : reset)
          }
          const [, remaining, reset] = await numbersOf(part.inner, 'peek', mine(0))
          expect([remaining, reset]).toEqual([budget.rules[0]?.capacity, 0])
        }),
        { numRuns: 150 },
      )
    },
  )
})

/** Most units of accrual that a refund of `cost` forfeits after so long: no more than it gives back, rounded up. */
function forfeited({ rules: [rule] }: Budget, cost: number, delayUs: number): number {
  const { limit = 0, windowMs = 1 } = rule ?? {}
  return Math.min(cost, Math.ceil((delayUs * limit) / (windowMs * 1000))) + 1
}
