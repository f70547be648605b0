import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { BucketTerms } from '../../src/core/algorithms/bucket.ts'
import type { Budget } from '../../src/core/budget.ts'
import type { BudgetRequest } from '../../src/core/store.ts'
import { across, closeRequests, isAdmission, rulesAcross, standingOf } from './across.ts'
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
            const requests = bench.requests((at) => (at === place ? much : 1))
            expect(isAdmission(await standingOf(bench.split, 'consume', requests))).toBe(false)
            denials++
          }
          const requests = closeRequests(bench, question)
          const quiet = await standingOf(bench.whole, 'consume', requests)
          expect(await standingOf(bench.split, 'consume', requests)).toEqual(quiet)
        }
      }),
      { numRuns: 200 },
    )
    expect(denials).toBeGreaterThan(1000)
  })

  it('while time passes before the units return, nothing is lost, but of a bucket with a coarse clock unit what that rounds off', async () => {
    let held = 0
    const parts = fc.tuple(anyRule, anyRule)
    await fc.assert(
      fc.asyncProperty(parts, history(12), fc.nat(40), async (rules, questions, sixteenths) => {
        const bench = across(rules.map((rule) => [rule]))
        const [first] = bench.budgets as [Budget]
        for (const question of questions) {
          bench.clock.advanceUs(step(first, question))
          await Promise.all(
            [bench.split, bench.whole].map((one) => one.decide('consume', closeRequests(bench, question))),
          )
        }
        const delayUs = Math.floor((windowUs(first) * sixteenths) / 160)
        const [part] = bench.parts as [(typeof bench.parts)[number]]
        part.beforeRefund = () => bench.clock.advanceUs(delayUs)
        const cost = 1 + (sixteenths % 3)
        const denied = bench.requests((place) => (place === 0 ? cost : 2 ** 40))
        await bench.split.decide('consume', denied)
        part.beforeRefund = () => {}
        const free = bench.requests(() => 0).slice(0, 1)
        const [, found = 0] = await standingOf(bench.split, 'peek', free)
        const [, left = 0] = await standingOf(bench.whole, 'peek', free)
        const coarse = ((first.rules[0]?.terms ?? {}) as Partial<BucketTerms>).quantum ?? 1
        expect(found).toBeLessThanOrEqual(left)
        expect(found).toBeGreaterThanOrEqual(left - (coarse > 1 ? 1 : 0))
        if (part.refunded > 0 && delayUs > 0) held++
      }),
      { numRuns: 500 },
    )
    expect(held).toBeGreaterThan(100)
  })

  it.each(['refuse', 'lose'] as const)(
    'where the units cannot be given back (%s), they drain',
    async (manner) => {
      await fc.assert(
        fc.asyncProperty(anyRule, history(12), fc.nat(5), async (rule, questions, extra) => {
          const bench = across([[rule], [{ limit: '1/s' }]])
          const [budget] = bench.budgets as [Budget]
          const [part] = bench.parts as [(typeof bench.parts)[number]]
          const mine = (cost: number): BudgetRequest[] => [{ budget, key: 'key', cost }]
          for (const question of questions) {
            bench.clock.advanceUs(step(budget, question))
            const draw = mine(question.cost)
            await Promise.all([bench.split, bench.whole].map((one) => one.decide('consume', draw)))
          }
          part.refunds = manner
          const cost = 1 + extra
          await bench.split.decide(
            'consume',
            bench.requests((place) => (place === 0 ? cost : 2)),
          )
          // Refused: as if they had been spent for good. Lost: given back after all.
          if (manner === 'refuse') await bench.whole.decide('consume', mine(cost))
          for (let i = 0; i < 3; i++) {
            const expected = await standingOf(bench.whole, 'peek', mine(0))
            expect(await standingOf(part.inner, 'peek', mine(0))).toEqual(expected)
            const [, , reset = 0] = expected
            bench.clock.advanceUs(i === 0 ? Math.floor(reset / 2) : reset)
          }
          const [, remaining, reset] = await standingOf(part.inner, 'peek', mine(0))
          expect([remaining, reset]).toEqual([budget.rules[0]?.capacity, 0])
        }),
        { numRuns: 150 },
      )
    },
  )
})
