import fc from 'fast-check'
import { type Budget, budgetOf } from '../../src/core/budget.ts'
import { compileRule, type RuleOptions } from '../../src/core/rule.ts'

/** One question of a history: so many sixteenths of the window later, and some microseconds, ask for `cost`. */
export interface Question {
  readonly sixteenths: number
  readonly us: number
  readonly cost: number
}

const windows = fc.constantFrom(1, 3, 60, 1000, 7000, 60_000, 3_600_000, 86_400_000, 2_592_000_000)
const limits = fc.oneof(fc.integer({ min: 1, max: 20 }), fc.constantFrom(97, 100, 1000, 1_000_003))

export const buckets: fc.Arbitrary<RuleOptions> = fc
  .record({ limit: limits, window: windows, burst: fc.integer({ min: 1, max: 40 }) })
  .map(({ limit, window, burst }) => ({ algorithm: 'token-bucket', limit: { limit, window }, burst }))

export const fixedWindows: fc.Arbitrary<RuleOptions> = fc
  .record({ limit: limits, window: windows, align: fc.constantFrom('first-hit', 'epoch') })
  .map(({ limit, window, align }) => ({ algorithm: 'fixed-window', limit: { limit, window }, align }))

export const calendarWindows: fc.Arbitrary<RuleOptions> = fc
  .record({
    limit: limits,
    window: fc.constantFrom('minute', 'hour', 'day', 'week', 'month'),
    timezone: fc.constantFrom('UTC', 'Africa/Cairo', 'Australia/Lord_Howe'),
  })
  .map(({ limit, window, timezone }) => ({
    algorithm: 'fixed-window',
    align: 'calendar',
    limit: { limit, window },
    timezone,
  }))

export const slidingWindows: fc.Arbitrary<RuleOptions> = fc
  .record({ limit: limits, window: windows, segments: fc.constantFrom(2, 3, 4, 7, 10, 60) })
  .map(({ limit, window, segments }) => ({ limit: { limit, window }, segments }))

export const slidingLogs: fc.Arbitrary<RuleOptions> = fc
  .record({ limit: fc.integer({ min: 1, max: 30 }), window: windows })
  .map(({ limit, window }) => ({ algorithm: 'sliding-log', limit: { limit, window } }))

/** A rule of any algorithm. */
export const anyRule: fc.Arbitrary<RuleOptions> = fc.oneof(
  buckets,
  fixedWindows,
  calendarWindows,
  slidingWindows,
  slidingLogs,
)

/** Questions that meet edges: most steps are whole sixteenths of the window, give or take a microsecond. */
export function history(maxLength = 40): fc.Arbitrary<readonly Question[]> {
  const question = fc.record({
    sixteenths: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.integer({ min: 0, max: 20 })),
    us: fc.oneof(fc.integer({ min: -1, max: 1 }), fc.nat(5000)),
    cost: fc.oneof(fc.integer({ min: 0, max: 4 }), fc.nat(50)),
  })
  // Full length is as likely as any other: few short histories might never meet a denial.
  return fc.array(question, { minLength: 1, maxLength, size: 'max' })
}

/** The length of a rule's window in microseconds; of a calendar unit, its usual length. */
export function windowUs(budget: Budget): number {
  return (budget.rules[0]?.windowMs ?? 0) * 1000
}

/** How far a question moves the clock; never back. */
export function step(budget: Budget, { sixteenths, us }: Question): number {
  return Math.max(0, Math.floor((windowUs(budget) * sixteenths) / 16) + us)
}

let policies = 0

/** A budget of a policy of its own. */
export function freshBudget(...rules: readonly RuleOptions[]): Budget {
  return budgetOf(
    `policy-${++policies}`,
    rules.map((rule, i) => compileRule({ name: `rule-${i}`, ...rule }, 'rule')),
  )
}

/** The budget with its rules changed, under the same policy. */
export function changedBudget({ policy }: Budget, ...rules: readonly RuleOptions[]): Budget {
  return budgetOf(
    policy,
    rules.map((rule, i) => compileRule({ name: `rule-${i}`, ...rule }, 'rule')),
  )
}
