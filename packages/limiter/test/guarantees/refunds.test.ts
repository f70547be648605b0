import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Rule, RuleOptions } from '../../src/core/rule.ts'
import type { Refund } from '../../src/core/store.ts'
import { decide, refundOf } from '../../src/testing/contract/case.ts'
import { type Bound, boundOf, violation } from '../history/checker.ts'
import { buckets, fixedWindows, freshBudget, slidingLogs, slidingWindows, windowUs } from './arbitraries.ts'
import { type Bench, onEveryStore } from './stores.ts'

/** One spend, and what of it was given back. */
interface Spend {
  readonly at: number
  readonly cost: number
  readonly refund: Refund
  /** Resets before it. */
  readonly era: number
  given: number
}

interface Move {
  readonly kind: 'consume' | 'refund' | 'reset'
  readonly sixteenths: number
  readonly which: number
  readonly cost: number
}

const REFUNDS = 50_000
const MOVES = 400

const moves: fc.Arbitrary<readonly Move[]> = fc.array(
  fc.record({
    kind: fc.oneof(
      { weight: 40, arbitrary: fc.constant('consume' as const) },
      { weight: 58, arbitrary: fc.constant('refund' as const) },
      { weight: 2, arbitrary: fc.constant('reset' as const) },
    ),
    sixteenths: fc.constantFrom(0, 0, 0, 0, 0, 0, 1, 3, 15, 16),
    which: fc.nat(1000),
    cost: fc.integer({ min: 1, max: 6 }),
  }),
  { minLength: MOVES, maxLength: MOVES, size: 'max' },
)
const rules: fc.Arbitrary<RuleOptions> = fc.oneof(buckets, fixedWindows, slidingWindows, slidingLogs)

onEveryStore('refunds', (stage) => {
  it('in any number, of any age and any order, mint nothing', async () => {
    const seen = { refunds: 0, gave: 0 }
    // A part of the moves finds nothing to take back yet.
    const runs = stage.runs(REFUNDS / MOVES / 0.5)
    await fc.assert(
      fc.asyncProperty(rules, moves, async (options, all) => {
        const budget = freshBudget(options)
        const spends: Spend[] = []
        const bench = stage.bench()
        for (const move of all) {
          bench.clock.advanceUs(Math.floor((windowUs(budget) * move.sixteenths) / 16))
          await play(bench, { budget, key: 'key', cost: move.cost }, { move, spends, seen })
        }
        const [rule] = budget.rules as [Rule]
        for (const era of new Set(spends.map((one) => one.era)))
          expect(
            violation(
              keptOf(
                rule,
                spends.filter((one) => one.era === era),
              ),
              netBoundOf(rule),
            ),
          ).toBeNull()
      }),
      { numRuns: Math.ceil(runs) },
    )
    expect(seen.refunds).toBeGreaterThan(stage.runs(REFUNDS))
    expect(seen.gave).toBeGreaterThan(stage.runs(REFUNDS) / 20)
  }, 60_000)
})

interface Course {
  readonly move: Move
  readonly spends: Spend[]
  readonly seen: { refunds: number; gave: number }
}

let resets = 0

async function play(
  { store, clock }: Bench,
  request: { budget: Refund['budget']; key: string; cost: number },
  { move, spends, seen }: Course,
): Promise<void> {
  if (move.kind === 'reset') {
    resets++
    await store.reset([request])
  } else if (move.kind === 'consume') {
    // Now and then all there is, so that the bound is met and not only kept.
    const isAll = move.which % 3 === 0
    const { remaining } = await decide(store, 'peek', [{ ...request, cost: 0 }])
    const spent = isAll ? { ...request, cost: remaining[0] as number } : request
    const { waits, receipts } = await decide(store, 'consume', [spent])
    if (waits[0] !== 0 || spent.cost === 0) return
    const refund = refundOf(spent, receipts, `spend-${spends.length}`)
    spends.push({ at: clock.now(), cost: spent.cost, refund, era: resets, given: 0 })
  } else {
    const spend = spends.at(-1 - (move.which % Math.min(move.which % 3 === 0 ? 1000 : 3, spends.length || 1)))
    if (spend === undefined) return
    const [given = 0] = await store.refund([spend.refund])
    seen.refunds++
    if (given > 0) seen.gave++
    expect(given).toBeLessThanOrEqual(spend.era === resets ? spend.cost - spend.given : 0)
    // A second refund of the same spend gives nothing, however the first went.
    if (spend.given > 0) expect(given).toBe(0)
    spend.given += given
  }
}

/** What was spent and not given back. Of a bucket a part of a unit more may have been, which answers leave out. */
function keptOf({ algorithm }: Rule, spends: readonly Spend[]): { at: number; cost: number }[] {
  const kept = spends.map(({ at, cost, given }) => {
    const isPart = algorithm.kind === 'bucket' && given < cost
    return { at, cost: cost - given - (isPart ? 1 : 0) }
  })
  return kept.filter(({ cost }) => cost > 0)
}

/** G1; a window from the first hit may have begun with a spend that was given back, so where it began cannot be told. */
function netBoundOf(rule: Rule): Bound {
  const bound = boundOf(rule)
  if (bound.kind !== 'first-hit') return bound
  return { kind: 'interval', limit: 2 * bound.limit, lengthUs: bound.windowUs - 1 }
}
