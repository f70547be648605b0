import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Budget } from '../../src/core/budget.ts'
import type { Rule, RuleOptions } from '../../src/core/rule.ts'
import { calendarWindowOf } from '../oracle/calendar.ts'
import { least, sum } from '../oracle/model.ts'
import { modelOf } from '../oracle/models.ts'
import { specOf } from '../oracle/spec.ts'
import {
  buckets,
  calendarWindows,
  fixedWindows,
  freshBudget,
  slidingLogs,
  slidingWindows,
} from './arbitraries.ts'
import { shareTable } from './no-false-denial.ts'
import { type Bench, onEveryStore, type Stage } from './stores.ts'

/** How far on a client calls again, and whether it takes all that it may, or some of it. */
interface Move {
  readonly gap: 'none' | 'tick' | 'segment' | 'window' | 'part'
  readonly offset: number
  readonly part: number
  readonly share: 'all' | 'one' | 'half'
}

/** What was spent, by the clock of the rule. */
interface Spend {
  readonly at: bigint
  readonly units: bigint
}

const moves = fc.array(
  fc.record({
    gap: fc.constantFrom('none', 'tick', 'segment', 'window', 'window', 'part'),
    offset: fc.constantFrom(0, 0, 0, -1, 1),
    part: fc.nat(2000),
    share: fc.constantFrom('all', 'all', 'one', 'half'),
  }),
  { minLength: 5, maxLength: 60, size: 'max' },
)
/** The same few moves over and over. */
const periodic = fc
  .tuple(fc.array(moves, { minLength: 1, maxLength: 2 }), fc.integer({ min: 1, max: 4 }))
  .map(([[some = []], length]) =>
    Array.from({ length: 60 }, (_, i) => some[i % Math.min(length, some.length)] as Move),
  )
const traffic = fc.oneof(moves, periodic) as fc.Arbitrary<readonly Move[]>

onEveryStore('G13 no false denial', (stage) => {
  it.each([
    ['bucket', buckets],
    ['fixed window', fixedWindows],
    ['calendar window', calendarWindows],
    ['sliding window', slidingWindows],
    ['sliding log', slidingLogs],
  ])('whoever keeps to a %s is admitted', (_, rules) => check(stage, rules))

  it('clients that send all at once, evenly, or obey retry-after, get what the rule allows', async () => {
    const limit = stage.name === 'memory' ? '10/min' : '3/min'
    const rows = await shareTable(stage.bench, { limit, windows: 200 })
    for (const { algorithm, client, admitted, allowed } of rows) {
      expect({ algorithm, client, isEnough: admitted >= 0.999 * allowed }).toMatchObject({ isEnough: true })
    }
    expect(rows).toHaveLength(21)
  })

  it.each([
    ['1/day', 86_400_000, 50],
    ['3/s', 334, 500],
    ['1/10s', 1000, 500],
  ])('of %s, asked every %i ms, nothing is lost', async (limit, gapMs, calls) => {
    const { clock, ask } = stage.bench()
    const budget = freshBudget({ limit })
    const { windowMs, limit: units } = budget.rules[0] as Rule
    let admitted = 0
    for (let call = 0; call < calls; call++) {
      if ((await ask('consume', { budget, key: 'key', cost: 1 })).wait === 0) admitted++
      clock.advance(gapMs)
    }
    expect(admitted).toBe(Math.min(calls, Math.ceil((calls * gapMs * units) / windowMs)))
  })
})

async function check(stage: Stage, rules: fc.Arbitrary<RuleOptions>): Promise<void> {
  let spends = 0
  await fc.assert(
    fc.asyncProperty(rules, traffic, async (rule, all) => {
      spends += await keepTo(stage.bench(), freshBudget(rule), all)
    }),
    { numRuns: stage.runs(150) },
  )
  expect(spends).toBeGreaterThan(stage.runs(150))
}

/** Spends what the rule allows by its definition, and expects all of it to be admitted; answers how often. */
async function keepTo({ clock, ask }: Bench, budget: Budget, all: readonly Move[]): Promise<number> {
  const [rule] = budget.rules as [Rule]
  const quantum = Number(modelOf(rule).quantum)
  const start = Math.ceil(clock.now() / quantum) * quantum
  const history: Spend[] = []
  for (const move of all) {
    clock.set(start + Math.floor(Math.max(clock.now() - start + gapOf(rule, move), 0) / quantum) * quantum)
    const now = BigInt(clock.now())
    const allowed = allowedAt(rule, history, now)
    const units = move.share === 'all' ? allowed : move.share === 'one' ? least(1n, allowed) : allowed / 2n
    if (units === 0n) continue
    const { wait } = await ask('consume', { budget, key: 'key', cost: Number(units) })
    expect({ units, wait, history: history.slice(-5) }).toMatchObject({ wait: 0 })
    history.push({ at: now, units })
  }
  return history.length
}

function gapOf({ windowMs, limit }: Rule, { gap, offset, part }: Move): number {
  const window = windowMs * 1000
  if (gap === 'none') return 0
  if (gap === 'tick') return 1
  if (gap === 'segment') return Math.max(0, Math.ceil(window / 10) + offset)
  if (gap === 'window') return Math.max(0, window + offset)
  return Math.floor((window * part) / (part % 2 === 0 ? 1000 : 1000 * limit))
}

/** Most units that keep every window of length W, of a calendar its own, within N, and for a bucket every interval within B + N·t/W. */
function allowedAt(rule: Rule, history: readonly Spend[], now: bigint): bigint {
  const window = BigInt(rule.windowMs) * 1000n
  const [limit, burst] = [BigInt(rule.limit), BigInt(rule.capacity)]
  const { calendar } = specOf(rule)
  if (calendar !== null) {
    const { start } = calendarWindowOf(calendar.unit, calendar.timezone, now)
    return limit - sum(history.filter(({ at }) => at >= start).map(({ units }) => units))
  }
  let recent = 0n
  let allowed = limit
  for (const { at, units } of history.toReversed()) {
    if (at + window <= now && burst >= limit) break
    recent += units
    if (at + window > now) allowed = least(allowed, limit - recent)
    if (burst < limit) allowed = least(allowed, burst + ((now - at) * limit) / window - recent)
  }
  return least(allowed, burst)
}
