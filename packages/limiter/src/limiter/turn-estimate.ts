import { createDecision, type Decision, type RuleView } from '../core/decision.ts'

/** The denial that the one in front of a queue was told. */
export interface Told {
  readonly decision: Decision
  /** When it was asked for, by the limiter's clock: the store judged no earlier. */
  readonly askedAtUs: number
}

/** Windows of the calendar are shorter than they say on days of 23 hours; none of less than an hour is. */
const CALENDAR_MS = 3_600_000

/**
 * A time that is over before the last of `units` can be spent, of which the one told asked for the first; the others
 * follow in turn. Whoever cannot wait longer can be denied, unless something changes.
 */
export function tooEarlyUs({ decision, askedAtUs }: Told, units: number): number {
  // Waits are rounded up to whole milliseconds.
  const waits = viewsOf(decision).map((view) => {
    // Beside what remains of a rule there may be a part of a unit.
    const part = view.retryAfterMs === 0 ? 1 : 0
    return waitOf(view) - 1 + leastMsFor(view, units - unitsThen(view, decision) - part)
  })
  return askedAtUs + Math.max(...waits) * 1000
}

/** Whether this many units can never be spent at once; false where nobody but the store can say. */
export function isAboveCapacity({ rules, source }: Decision, cost: number): boolean {
  return source !== 'fallback' && rules.some(({ limit }) => cost > limit)
}

/** The denial of one whose cost can never pass, as the store would give it. */
export function neverDenial({ decision }: Told, cost: number): Decision {
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
  return boundBy(denial, rules.find(({ retryAfterMs }) => retryAfterMs === null) as RuleView)
}

/**
 * The denial of one who stands behind: its own cost, and waits until the last of `units` is spent, its own included,
 * each rule at its rate.
 */
export function denialBehind({ decision, askedAtUs }: Told, units: number, { cost, nowUs }: Asker): Decision {
  const elapsedMs = (nowUs - askedAtUs) / 1000
  const rest = (ms: number): number => Math.max(0, Math.ceil(ms - elapsedMs))
  const rules = decision.rules.map((view): RuleView => {
    const { limit, windowMs } = view.rate
    const behind = Math.max(0, units - unitsThen(view, decision))
    const retryAfterMs = rest(waitOf(view) + (behind * windowMs) / limit)
    return { ...view, retryAfterMs, resetAfterMs: Math.max(retryAfterMs, rest(view.resetAfterMs)) }
  })
  const slackMs = waitOf(decision) - Math.max(...viewsOf(decision).map(waitOf))
  const longest = rules.reduce<RuleView | null>(longer, null)
  const waitMs = longest === null ? rest(waitOf(decision)) : waitOf(longest) + slackMs
  const denial = createDecision({ ...decision, rules, cost, retryAfterMs: Math.max(1, waitMs) })
  return longest === null ? denial : boundBy(denial, longest)
}

/** Who is denied, and when. */
export interface Asker {
  readonly cost: number
  readonly nowUs: number
}

/** What is said of waits: by each rule, or where nobody judged by the decision. */
function viewsOf(decision: Decision): readonly (RuleView | Decision)[] {
  return decision.rules.length > 0 ? decision.rules : [decision]
}

function waitOf({ retryAfterMs }: { readonly retryAfterMs: number | null }): number {
  return retryAfterMs ?? Number.POSITIVE_INFINITY
}

/** Units that a rule has when its wait is over. */
function unitsThen({ retryAfterMs, remaining }: RuleView | Decision, { cost }: Decision): number {
  return retryAfterMs === 0 ? (remaining ?? 0) : cost
}

/** The least that `units` more take, whatever the algorithm. */
function leastMsFor(view: RuleView | Decision, units: number): number {
  if (!('rate' in view)) return 0
  const { limit, windowMs } = view.rate
  // In W a bucket gives N units. What is spent of a window stays for W less the length of a segment, of which there are
  // two or more; where N is less than them, for W.
  const spanMs = limit <= 2 && windowMs < CALENDAR_MS ? windowMs : windowMs / 2
  return Math.floor(Math.max(0, units) / limit) * spanMs
}

function boundBy(decision: Decision, { policy, rule, limit, remaining, resetAfterMs }: RuleView): Decision {
  return createDecision({ ...decision, policy, rule, limit, remaining, resetAfterMs })
}

function longer(best: RuleView | null, view: RuleView): RuleView {
  return best !== null && waitOf(best) >= waitOf(view) ? best : view
}
