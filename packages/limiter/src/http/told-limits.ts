import { type Decision, type RuleView, retryAfterSeconds } from '../core/decision.ts'

/** What header fields tell of a decision that judged a rule. */
export interface ToldLimits {
  readonly binding: RuleView
  /** All rules of the decision. */
  readonly rules: readonly RuleView[]
  readonly remaining: number
  /** See {@link secondsUntilMore}. */
  readonly seconds: number | null
}

/** Largest integer in a structured field (RFC 9651, section 3.3.1): 15 digits. */
const INTEGER_MAX = 999_999_999_999_999

/** Null where no rule was judged. */
export function toldLimits(decision: Decision, seconds: number | null): ToldLimits | null {
  const { policy, rule, rules } = decision
  if (policy === null || rule === null) return null
  const binding = rules.find((view) => view.rule === rule && view.policy === policy)
  return binding === undefined
    ? null
    : { binding, rules, remaining: integer(unitsLeft(decision) ?? 0), seconds }
}

/** What a client may still spend: of a key that is banned or blocked nothing, whatever its budget. */
export function unitsLeft({ reason, remaining }: Decision): number | null {
  return reason === 'blocked' && remaining !== null ? 0 : remaining
}

/**
 * Whole seconds, rounded up: of a denial its wait, at least 1, and null where no wait helps; else until the binding rule has
 * recovered, when its whole quota is there again.
 */
export function secondsUntilMore(decision: Decision): number | null {
  const { allowed, resetAfterMs } = decision
  if (allowed) return resetAfterMs === null ? null : integer(Math.ceil(resetAfterMs / 1000))
  // From the exact wait: the timer slack of this process does not concern a client.
  const seconds = retryAfterSeconds(decision)
  // A client that is told 0 comes back at once, and is denied again.
  return seconds === null ? null : integer(Math.max(1, seconds))
}

/** Seconds in which its capacity accrues, rounded up: a burst of 20 at 10/s is 20 units in 2 s. Null when less than 1. */
export function windowSeconds({ limit: capacity, rate: { limit, windowMs } }: RuleView): number | null {
  const seconds = limit === 0 ? windowMs / 1000 : ((capacity / limit) * windowMs) / 1000
  return seconds < 1 ? null : integer(ceil(seconds))
}

/** Rounds up, ignoring the rounding error of a division: 3 units at 3/7 s are 7 s, not 8. */
function ceil(value: number): number {
  const near = Math.round(value)
  return Math.abs(value - near) <= near * 4 * Number.EPSILON ? near : Math.ceil(value)
}

/** The binding rule in front, then the others in their order, as many as have room in `lengthMax`; it always has. */
export function listRules(
  { binding, rules }: ToldLimits,
  textOf: (view: RuleView) => string,
  lengthMax: number,
): string {
  let list = textOf(binding)
  if (rules.length === 1) return list
  for (const view of rules) {
    if (view === binding) continue
    const longer = `${list}, ${textOf(view)}`
    if (longer.length > lengthMax) break
    list = longer
  }
  return list
}

/** A function that is asked once for each rule: what it gives is kept by the rule's `rate`, the same object in every decision. */
export function perRule<T>(make: (view: RuleView) => T): (view: RuleView) => T {
  const kept = new WeakMap<RuleView['rate'], { readonly view: RuleView; readonly value: T }>()
  return (view) => {
    const known = kept.get(view.rate)
    if (known !== undefined && isSameRule(known.view, view)) return known.value
    const value = make(view)
    // Those of a limiter are frozen; what somebody else has made may change.
    if (Object.isFrozen(view.rate)) kept.set(view.rate, { view, value })
    return value
  }
}

function isSameRule(a: RuleView, b: RuleView): boolean {
  return a.rule === b.rule && a.policy === b.policy && a.limit === b.limit
}

/** A number as a structured field can hold it. */
export function integer(value: number): number {
  return Math.min(INTEGER_MAX, Math.max(0, value))
}
