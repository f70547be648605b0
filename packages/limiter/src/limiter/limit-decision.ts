import { NEVER, REMAINING, RESET, VERDICT_SIZE, type VerdictView, WAIT } from '../core/algorithm.ts'
import { unboxed } from '../core/arithmetic.ts'
import {
  createDecision,
  type Decision,
  type Reason,
  type RuleView,
  type ShadowView,
} from '../core/decision.ts'
import { HeadgateError } from '../core/errors.ts'
import type { Rule } from '../core/rule.ts'
import { TOO_MANY_WINDOWS, type Verb, type Verdicts } from '../core/store.ts'
import { type PolicyRequest, receiptOf, simpleReceipt } from './make-receipt.ts'

/** A call, checked, with the budgets it spends from. */
export interface StoreCall {
  readonly verb: Verb
  readonly requests: readonly PolicyRequest[]
  readonly cost: number
  /** By how many milliseconds timers of this process may fire early. */
  readonly slackMs: number
}

const NO_SHADOW: readonly ShadowView[] = Object.freeze([])
const NO_RULES: readonly RuleView[] = Object.freeze([])

/**
 * The decision of a `consume` on one rule in the store, the most common one. Small, as all on its way from `consumeSync`,
 * so that V8 inlines it there: what a caller does not read then costs nothing.
 */
export function simpleDecision(request: PolicyRequest, verdicts: Verdicts, slackMs: number): Decision {
  return verdicts.numbers[WAIT] === 0
    ? simpleAdmission(request, verdicts)
    : simpleDenial(request, verdicts, slackMs)
}

function simpleAdmission(request: PolicyRequest, verdicts: Verdicts): Decision {
  const { numbers, source } = verdicts
  const { policy, rules } = request.budget
  const { name, capacity, rate } = rules[0] as Rule
  const remaining = unboxed(numbers[REMAINING] as number)
  const resetAfterMs = wholeMs(numbers[RESET] as number)
  return createDecision({
    allowed: true,
    reason: 'within-limit',
    source,
    policy,
    rule: name,
    limit: capacity,
    remaining,
    cost: request.cost,
    retryAfterMs: 0,
    resetAfterMs,
    rules: [{ policy, rule: name, limit: capacity, rate, remaining, retryAfterMs: 0, resetAfterMs }],
    shadow: NO_SHADOW,
    receipt: simpleReceipt(request, verdicts),
  })
}

function simpleDenial(
  { budget, cost }: PolicyRequest,
  { numbers, source }: Verdicts,
  slackMs: number,
): Decision {
  const { policy, rules } = budget
  const { name, capacity, rate } = rules[0] as Rule
  const wait = numbers[WAIT] as number
  const waitMs = wait === NEVER ? null : wholeMs(wait)
  const remaining = unboxed(numbers[REMAINING] as number)
  const resetAfterMs = wholeMs(numbers[RESET] as number)
  return createDecision({
    allowed: false,
    reason: reasonOf(wait),
    source,
    policy,
    rule: name,
    limit: capacity,
    remaining,
    cost,
    retryAfterMs: withSlack(waitMs, slackMs),
    resetAfterMs,
    rules: [{ policy, rule: name, limit: capacity, rate, remaining, retryAfterMs: waitMs, resetAfterMs }],
    shadow: NO_SHADOW,
    receipt: null,
  })
}

/** The decision on what was judged; a call that brought too many windows is an error. */
export function decisionOf(call: StoreCall, verdicts: Verdicts): Decision {
  const { verb, requests, cost, slackMs } = call
  const rules = viewsOf(call, verdicts)
  const binding = verb === 'credit' ? leastRemaining(rules) : bindingRule(rules, verdicts.numbers)
  const wait = verb === 'credit' ? 0 : (verdicts.numbers[binding * VERDICT_SIZE + WAIT] as number)
  const view = rules[binding] as RuleView
  const spends = wait === 0 && (verb === 'consume' || verb === 'charge')
  return createDecision({
    allowed: wait === 0,
    reason: wait === 0 ? 'within-limit' : reasonOf(wait),
    source: verdicts.source,
    policy: view.policy,
    rule: view.rule,
    limit: view.limit,
    remaining: view.remaining,
    cost,
    retryAfterMs: withSlack(view.retryAfterMs, slackMs),
    resetAfterMs: view.resetAfterMs,
    rules,
    shadow: NO_SHADOW,
    receipt: spends ? receiptOf(requests, verdicts) : null,
  })
}

/** A decision while no store could judge, as the policies want it. What it waits promises nothing, and has no slack. */
export function storeFailureDecision({ source, numbers }: Verdicts, cost: number): Decision {
  const wait = numbers[WAIT] as number
  return createDecision({
    allowed: wait === 0,
    reason: 'store-unavailable',
    source,
    policy: null,
    rule: null,
    limit: null,
    remaining: null,
    cost,
    retryAfterMs: Math.ceil(wait / 1000),
    resetAfterMs: null,
    rules: NO_RULES,
    shadow: NO_SHADOW,
    receipt: null,
  })
}

/** A decision that no store was asked for: nothing matched, the limiter is switched off, or a list or rule denies it. */
export function decisionWithoutStore(reason: Reason, cost: number, denying?: RuleView): Decision {
  const allowed = reason !== 'denied-by-policy'
  return createDecision({
    allowed,
    reason,
    source: 'none',
    policy: denying?.policy ?? null,
    rule: denying?.rule ?? null,
    limit: denying?.limit ?? null,
    remaining: denying?.remaining ?? null,
    cost,
    retryAfterMs: allowed ? 0 : null,
    resetAfterMs: null,
    rules: denying === undefined ? NO_RULES : [denying],
    shadow: NO_SHADOW,
    receipt: null,
  })
}

/** What a rule with a limit of 0 says of every decision. */
export function denyingView(policy: string, rule: Rule): RuleView {
  return viewOf(policy, rule, { wait: NEVER, remaining: 0, reset: 0 })
}

/** Units that a `credit` gave back: the least of all rules; 0 of another verb. */
export function creditedUnits({ verb, requests }: StoreCall, { numbers }: Verdicts): number {
  if (verb !== 'credit') return 0
  return Math.min(
    ...Array.from({ length: countRules(requests) }, (_, i) => numbers[i * VERDICT_SIZE + WAIT] as number),
  )
}

function viewOf(policy: string, rule: Rule, { wait, remaining, reset }: VerdictView): RuleView {
  return {
    policy,
    rule: rule.name,
    limit: rule.capacity,
    rate: rule.rate,
    remaining: unboxed(remaining),
    retryAfterMs: wait === NEVER ? null : wholeMs(wait),
    resetAfterMs: wholeMs(reset),
  }
}

function countRules(requests: readonly PolicyRequest[]): number {
  let count = 0
  for (const { budget } of requests) count += budget.rules.length
  return count
}

/** What every rule says, in the order of the requests. */
function viewsOf({ verb, requests, slackMs }: StoreCall, { numbers }: Verdicts): RuleView[] {
  const views = new Array<RuleView>(countRules(requests))
  let i = 0
  for (const { budget } of requests) {
    for (const rule of budget.rules) {
      const from = i * VERDICT_SIZE
      // Where a wait stands, a credit has what it gave back.
      const wait = verb === 'credit' ? 0 : (numbers[from + WAIT] as number)
      const reset = numbers[from + RESET] as number
      if (wait === TOO_MANY_WINDOWS) throw tooManyWindows(budget.policy, rule, wholeMs(reset) + slackMs)
      views[i++] = viewOf(budget.policy, rule, {
        wait,
        remaining: numbers[from + REMAINING] as number,
        reset,
      })
    }
  }
  return views
}

/** Position of the rule that decides: the longest wait, or else the least remaining. */
function bindingRule(views: readonly RuleView[], numbers: ArrayLike<number>): number {
  let best = 0
  for (let i = 1; i < views.length; i++) {
    const wait = numbers[i * VERDICT_SIZE + WAIT] as number
    const longest = numbers[best * VERDICT_SIZE + WAIT] as number
    if (wait === longest ? hasLess(views, i, best) : isLonger(wait, longest)) best = i
  }
  return best
}

function leastRemaining(views: readonly RuleView[]): number {
  return views.reduce((best, _, i) => (hasLess(views, i, best) ? i : best), 0)
}

function hasLess(views: readonly RuleView[], one: number, other: number): boolean {
  return (views[one] as RuleView).remaining < (views[other] as RuleView).remaining
}

/** Never is the longest wait. */
function isLonger(wait: number, than: number): boolean {
  return than !== NEVER && (wait === NEVER || wait > than)
}

function reasonOf(wait: number): 'cost-exceeds-capacity' | 'limited' {
  return wait === NEVER ? 'cost-exceeds-capacity' : 'limited'
}

/** A wait that timers do not cut short. */
function withSlack(waitMs: number | null, slackMs: number): number | null {
  return waitMs ? waitMs + slackMs : waitMs
}

function wholeMs(us: number): number {
  return unboxed(Math.ceil(us / 1000))
}

function tooManyWindows(policy: string, rule: Rule, retryAfterMs: number): HeadgateError {
  const what = `a key of policy ${policy} counts by five other windows, or rates of a bucket, than ${rule.name}`
  const fix = 'use align: calendar, or a window rule whose limit alone changes'
  return new HeadgateError('too-many-windows', `${what} until one recovers in ${retryAfterMs} ms; ${fix}`, {
    retryAfterMs,
  })
}
