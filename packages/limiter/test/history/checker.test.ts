import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compileRule, type RuleOptions } from '../../src/core/rule.ts'
import { memoryStore } from '../../src/stores/memory/index.ts'
import { manualClock } from '../../src/testing/manual-clock.ts'
import { anyRule, freshBudget, history as questionsOf, step } from '../guarantees/arbitraries.ts'
import { type Bound, boundOf, peakOf, violation } from './checker.ts'
import { type History, joined, total } from './history.ts'

const SECOND = 1_000_000
const START = 1_767_225_600_000_000

/** Spends as `[ms since the start, cost]`. */
function spends(...pairs: readonly (readonly [ms: number, cost: number])[]): History {
  return pairs.map(([ms, cost]) => ({ at: START + ms * 1000, cost }))
}

const bound = (rule: RuleOptions | string): Bound => boundOf(compileRule(rule, 'rule'))
const bucket = bound({ algorithm: 'token-bucket', limit: '10/s', burst: 5 })
const sliding = bound({ limit: '12/s', segments: 10 })
const log = bound({ algorithm: 'sliding-log', limit: '10/s' })
const epoch = bound({ algorithm: 'fixed-window', limit: '10/s', align: 'epoch' })
const firstHit = bound({ algorithm: 'fixed-window', limit: '10/s' })

describe('the checker of histories', () => {
  it.each<[string, Bound, History]>([
    ['a bucket that is emptied and refills', bucket, spends([0, 5], [100, 1], [500, 4], [1500, 5])],
    ['a sliding window that is full', sliding, spends([0, 12], [901, 12])],
    ['a log that is full', log, spends([0, 10], [1000, 10])],
    ['two windows around an edge', epoch, spends([999, 10], [1000, 10])],
    ['a window from a first hit', firstHit, spends([300, 4], [1299, 6], [1300, 10])],
    ['nothing', bucket, []],
  ])('is content with %s', (_, rule, history) => {
    expect(violation(history, rule)).toBeNull()
  })

  it.each<[string, Bound, History, string]>([
    ['a unit too much at once', bucket, spends([0, 6]), '6 units in 0 µs'],
    ['a bucket that refills too fast', bucket, spends([0, 5], [99, 1]), '6 units in 99000 µs'],
    [
      'a unit too much in the midst',
      bucket,
      spends([0, 1], [5000, 5], [5150, 2], [9000, 5]),
      '7 units in 150000 µs',
    ],
    ['a sliding window too full', sliding, spends([0, 6], [100, 1], [900, 6]), '13 units in 900000 µs'],
    ['a log too full', log, spends([0, 10], [999, 1]), '11 units in 999000 µs'],
    ['a window too full', epoch, spends([999, 2], [1000, 5], [1999, 6]), '11 units in 999000 µs'],
    ['a window from a first hit too full', firstHit, spends([300, 4], [1299, 7]), '11 units in 999000 µs'],
  ])('finds %s', (_, rule, history, text) => {
    expect(violation(history, rule)).toContain(text)
  })

  it('finds what no process did alone', () => {
    const alone = [spends([0, 3]), spends([10, 2]), spends([20, 1])]
    expect(alone.map((one) => violation(one, bucket))).toEqual([null, null, null])
    expect(violation(joined(alone), bucket)).toContain('6 units in 20000 µs')
  })

  it('allows with leases what the interval and a lifetime allow together, and no more', () => {
    const lifetime = 0.2 * SECOND
    expect(violation(spends([0, 7]), bucket, lifetime)).toBeNull()
    expect(violation(spends([0, 8]), bucket, lifetime)).toContain('8 units in 0 µs')
    expect(violation(spends([0, 12], [701, 12]), sliding, lifetime)).toBeNull()
    expect(violation(spends([0, 12], [700, 1]), sliding, lifetime)).toContain('13 units')
    expect(violation(spends([0, 24]), sliding, SECOND)).toBeNull()
    // Each part with a lifetime of its own would be within the limit; the whole has but one.
    expect(violation(spends([0, 12], [740, 7], [1500, 6]), sliding, lifetime)).toContain(
      '25 units in 1500000 µs',
    )
    expect(violation(spends([0, 25]), sliding, SECOND)).toContain('25 units')
    expect(violation(spends([0, 10], [799, 10]), firstHit, lifetime)).toBeNull()
    expect(violation(spends([0, 10], [799, 11]), firstHit, lifetime)).toContain('21 units')
  })

  it('refuses a history out of order', () => {
    expect(() => peakOf(spends([2, 1], [1, 1]), bucket)).toThrow('not in order at 1')
  })

  it('finds the same as looking at every interval', () => {
    const steps = fc.array(fc.tuple(fc.nat(400), fc.integer({ min: 1, max: 4 })), { maxLength: 14 })
    fc.assert(
      fc.property(steps, fc.constantFrom(0, 0, 150, 2000), (moves, leaseMs) => {
        const history = spends(...moves.map(([, cost], i) => [sumOf(moves.slice(0, i + 1)), cost] as const))
        for (const rule of [bucket, sliding, log]) {
          expect(violation(history, rule, leaseMs * 1000) !== null).toBe(
            isBroken(history, rule, leaseMs * 1000),
          )
        }
      }),
      { numRuns: 5000 },
    )
  })

  it('is content with every algorithm, and not when one unit is put in where it was full', () => {
    let planted = 0
    fc.assert(
      fc.property(anyRule, questionsOf(40), (rule, questions) => {
        fc.pre(rule.align !== 'calendar')
        const clock = manualClock()
        const store = memoryStore({ clock })
        const budget = freshBudget(rule)
        const history: { at: number; cost: number }[] = []
        let full: number | null = null
        for (const question of questions) {
          clock.advanceUs(step(budget, question))
          const left = store.decideSync('peek', [{ budget, key: 'key', cost: 0 }]).numbers[1] as number
          const cost = question.cost % 2 === 0 ? left : question.cost
          const [wait] = Array.from(store.decideSync('consume', [{ budget, key: 'key', cost }]).numbers)
          if (wait !== 0 || cost === 0) continue
          history.push({ at: clock.now(), cost })
          if (history.length === 1 && total(history) === budget.rules[0]?.capacity) full = clock.now()
        }
        const [compiled] = budget.rules
        if (compiled === undefined) return
        expect(violation(history, boundOf(compiled))).toBeNull()
        if (full === null) return
        const wrong = joined([history, [{ at: full, cost: 1 }]])
        expect(violation(wrong, boundOf(compiled))).not.toBeNull()
        planted++
      }),
      { numRuns: 1000 },
    )
    expect(planted).toBeGreaterThan(100)
  })
})

function sumOf(moves: readonly (readonly [by: number, cost: number])[]): number {
  return moves.reduce((sum, [by]) => sum + by, 0)
}

/** Every interval by itself, from the definitions. */
function isBroken(history: History, rule: Bound, leaseUs: number): boolean {
  return history.some((from, i) =>
    history.slice(i).some((to, length) => {
      const units = total(history.slice(i, i + length + 1))
      const us = to.at - from.at + leaseUs
      if (rule.kind === 'rate') return (units - rule.burst) * rule.windowUs > rule.limit * us
      if (rule.kind !== 'interval') throw new Error('has no bound of intervals')
      return units > rule.limit * Math.max(1, Math.ceil(us / rule.lengthUs))
    }),
  )
}
