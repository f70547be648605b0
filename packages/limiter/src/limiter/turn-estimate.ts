/** Estimates, from the denial of the waiter in front of a queue, when those behind it can be served. */

import { createDecision, type Decision, type RuleView } from '../core/decision.ts'

/** The latest denial of the waiter in front of a queue. */
export interface FrontDenial {
  readonly decision: Decision
  /** When the store was called, by the limiter's clock: the store decided no earlier. */
  readonly calledAtUs: number
}

/** A waiter in a queue, and the current time. */
export interface QueuedWaiter {
  readonly cost: number
  readonly nowUs: number
}

/** Calendar windows of a day or more may be an hour shorter than their nominal length; those below an hour never are. */
const CALENDAR_MS = 3_600_000

/**
 * A time by which the last of `units` cannot have been spent yet: the units of the front waiter come first, the others
 * after them in turn. A waiter whose deadline is no later can be denied now, unless limits or state change.
 */
export function earliestTurnUs({ decision, calledAtUs }: FrontDenial, units: number): number {
  const waits = viewsOf(decision).map((view) => {
    // `remaining` is rounded down: a rule that passes may have a part of a unit more.
    const fraction = view.retryAfterMs === 0 ? 1 : 0
    // The wait of a rule is rounded up to a whole millisecond.
    return waitOf(view) - 1 + minRefillMs(view, units - unitsAfterWait(view, decision) - fraction)
  })
  return calledAtUs + Math.max(...waits) * 1000
}

/** Whether the cost is above a capacity and so never passes; false after a fallback, which knows a share of it only. */
export function isAboveCapacity({ rules, source }: Decision, cost: number): boolean {
  return source !== 'fallback' && rules.some(({ limit }) => cost > limit)
}

/** The denial that the store would give a cost above the capacity. */
export function capacityDenial({ decision }: FrontDenial, cost: number): Decision {
  const rules = decision.rules.map((view) => ({
    ...view,
    retryAfterMs: cost > view.limit ? null : view.retryAfterMs,
  }))
  const denial = createDecision({
    ...decision,
    rules,
    cost,
    reason: 'cost-exceeds-capacity',
    retryAfterMs: null,
  })
  return withBindingRule(denial, rules.find(({ retryAfterMs }) => retryAfterMs === null) as RuleView)
}

/**
 * The denial of a waiter behind the front. Its waits last until `units` are spent, the waiter's own included, at the rate
 * of each rule: 10 units behind the front of `60/min` wait 10 s longer than the front.
 */
export function queuedDenial(
  { decision, calledAtUs }: FrontDenial,
  units: number,
  { cost, nowUs }: QueuedWaiter,
): Decision {
  const elapsedMs = (nowUs - calledAtUs) / 1000
  const leftOf = (ms: number): number => Math.max(0, Math.ceil(ms - elapsedMs))
  const rules = decision.rules.map((view): RuleView => {
    const { limit, windowMs } = view.rate
    const missing = Math.max(0, units - unitsAfterWait(view, decision))
    const retryAfterMs = leftOf(waitOf(view) + (missing * windowMs) / limit)
    return { ...view, retryAfterMs, resetAfterMs: Math.max(retryAfterMs, leftOf(view.resetAfterMs)) }
  })
  const slackMs = waitOf(decision) - Math.max(...viewsOf(decision).map(waitOf))
  const longest = rules.reduce<RuleView | null>(longerWait, null)
  const waitMs = longest === null ? leftOf(waitOf(decision)) : waitOf(longest) + slackMs
  const denial = createDecision({ ...decision, rules, cost, retryAfterMs: Math.max(1, waitMs) })
  return longest === null ? denial : withBindingRule(denial, longest)
}

/** The views that have waits: those of the rules, or the decision's own where no rule was evaluated. */
function viewsOf(decision: Decision): readonly (RuleView | Decision)[] {
  return decision.rules.length > 0 ? decision.rules : [decision]
}

function waitOf({ retryAfterMs }: { readonly retryAfterMs: number | null }): number {
  return retryAfterMs ?? Number.POSITIVE_INFINITY
}

/** Units that a rule has when its wait is over. */
function unitsAfterWait({ retryAfterMs, remaining, limit }: RuleView | Decision, decision: Decision): number {
  // A block may end long after the rules have recovered.
  if (decision.reason === 'blocked') return limit ?? 0
  return retryAfterMs === 0 ? (remaining ?? 0) : decision.cost
}

/** The least time in which `units` more become available, whatever the algorithm. */
function minRefillMs(view: RuleView | Decision, units: number): number {
  if (!('rate' in view)) return 0
  const { limit, windowMs } = view.rate
  // A bucket refills N units in W. A sliding window frees a spend after W less one of its 2 or more segments, so after
  // W/2 at least; with fewer units than segments, after W.
  const spanMs = limit <= 2 && windowMs < CALENDAR_MS ? windowMs : windowMs / 2
  return Math.floor(Math.max(0, units) / limit) * spanMs
}

function withBindingRule(
  decision: Decision,
  { policy, rule, limit, remaining, resetAfterMs }: RuleView,
): Decision {
  return createDecision({ ...decision, policy, rule, limit, remaining, resetAfterMs })
}

function longerWait(best: RuleView | null, view: RuleView): RuleView {
  return best !== null && waitOf(best) >= waitOf(view) ? best : view
}
