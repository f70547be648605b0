import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Budget } from '../../src/core/budget.ts'
import type { Rule, RuleOptions } from '../../src/core/rule.ts'
import { segmentsOf } from '../oracle/spec.ts'
import {
  buckets,
  calendarWindows,
  fixedWindows,
  freshBudget,
  history,
  type Question,
  slidingLogs,
  slidingWindows,
  step,
  windowUs,
} from './arbitraries.ts'
import { type Bench, onEveryStore, type Stage } from './stores.ts'

interface Spend {
  readonly at: bigint
  readonly cost: bigint
}

/** Whether `units` may be admitted in a closed interval of `us` microseconds. */
type Bound = (budget: Budget, units: bigint, us: bigint) => boolean

onEveryStore('G1 bound', (stage) => {
  it('a bucket admits at most B + N·t/W in any interval of length t', () =>
    check(stage, buckets, (budget, units, us) => {
      const { limit, capacity } = numbersOf(budget)
      return (units - capacity) * BigInt(windowUs(budget)) <= limit * us
    }))

  it('a fixed window admits at most 2N in any interval shorter than its window', () =>
    check(stage, fixedWindows, (budget, units, us) => {
      return us >= BigInt(windowUs(budget)) || units <= 2n * numbersOf(budget).limit
    }))

  it('a calendar window admits at most 2N in any interval of a minute', () =>
    check(
      stage,
      calendarWindows,
      (budget, units, us) => us >= 60_000_000n || units <= 2n * numbersOf(budget).limit,
    ))

  it('a sliding window admits at most N in any interval of length W − ⌈W/s⌉, and 2N − 1 in any shorter than W', () =>
    check(stage, slidingWindows, (budget, units, us) => {
      const window = BigInt(windowUs(budget))
      const { limit, segments } = numbersOf(budget)
      if (us >= window) return true
      const length = (window + segments - 1n) / segments
      return units <= (us > window - length ? 2n * limit - 1n : limit)
    }))

  it('a sliding window with a segment a unit, as a sliding log is, admits at most N in any interval shorter than W', () =>
    check(stage, fc.oneof(slidingLogs, exactWindows), (budget, units, us) => {
      return us >= BigInt(windowUs(budget)) || units <= numbersOf(budget).limit
    }))
})

const exactWindows = slidingWindows.map((rule) => ({ ...rule, segments: 60 })).filter(isExact)

function isExact({ limit, segments = 0 }: RuleOptions): boolean {
  return typeof limit === 'object' && limit.limit <= segments
}

async function check(stage: Stage, rules: fc.Arbitrary<RuleOptions>, bound: Bound): Promise<void> {
  let admitted = 0
  await fc.assert(
    fc.asyncProperty(rules, history(50), async (rule, questions) => {
      const budget = freshBudget(rule)
      const spends = await run(stage.bench(), budget, questions)
      admitted += spends.length
      for (const [first, from] of spends.entries()) {
        let units = 0n
        for (const { at, cost } of spends.slice(first)) {
          units += cost
          expect(bound(budget, units, at - from.at), `${units} units in ${at - from.at} µs`).toBe(true)
        }
      }
    }),
    { numRuns: stage.runs(150) },
  )
  expect(admitted).toBeGreaterThan(stage.runs(150) / 10)
}

async function run(bench: Bench, budget: Budget, questions: readonly Question[]): Promise<Spend[]> {
  const spends: Spend[] = []
  for (const question of questions) {
    bench.clock.advanceUs(step(budget, question))
    // Half of the questions take all there is, so that the bound is met and not only kept.
    const all = await bench.ask('peek', { budget, key: 'key', cost: 0 })
    const cost = question.cost % 2 === 0 ? all.remaining : question.cost
    const { wait } = await bench.ask('consume', { budget, key: 'key', cost })
    if (wait === 0 && cost > 0) spends.push({ at: BigInt(bench.clock.now()), cost: BigInt(cost) })
  }
  return spends
}

function numbersOf(budget: Budget): { limit: bigint; capacity: bigint; segments: bigint } {
  const [rule] = budget.rules as [Rule]
  return {
    limit: BigInt(rule.limit),
    capacity: BigInt(rule.capacity),
    segments: BigInt(segmentsOf(rule)),
  }
}
