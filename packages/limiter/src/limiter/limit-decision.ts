import { NEVER, VERDICT_SIZE, WAIT } from '../core/algorithm.ts'
import {
  createDecision,
  type Decision,
  NO_RULES,
  NO_SHADOW,
  type Reason,
  type RuleView,
  type ShadowView,
  unjudgedDecision,
} from '../core/decision.ts'
import { spendingRules } from '../core/passing.ts'
import type { Rule } from '../core/rule.ts'
import type { Verdicts } from '../core/store.ts'
import { receiptOf } from './make-receipt.ts'
import {
  bindingRule,
  costIn,
  countRules,
  denialReason,
  leastRemaining,
  ruleView,
  ruleViews,
  type StoreCall,
  withSlack,
} from './rule-views.ts'
import { judgedCall } from './shadow-views.ts'

/** The decision that a store's verdicts amount to; throws `too-many-windows` where the store refused a rate of the call. */
export function decisionOf(asked: StoreCall, answered: Verdicts): Decision {
  const { call, verdicts, shadow } = judgedCall(asked, answered)
  if (call.requests.length === 0) return countedDecision(asked, answered, shadow)
  const { verb, slackMs } = call
  const rules = ruleViews(call, verdicts)
  const binding = verb === 'credit' ? leastRemaining(rules) : bindingRule(rules, verdicts.numbers)
  const wait = verb === 'credit' ? 0 : (verdicts.numbers[binding * VERDICT_SIZE + WAIT] as number)
  const view = rules[binding] as RuleView
  const spends = wait === 0 && (verb === 'consume' || verb === 'charge')
  return createDecision({
    allowed: wait === 0,
    reason: wait === 0 ? 'within-limit' : denialReason(verdicts.numbers, binding * VERDICT_SIZE),
    source: verdicts.source,
    policy: view.policy,
    rule: view.rule,
    limit: view.limit,
    remaining: view.remaining,
    cost: costIn(call, view.policy),
    retryAfterMs: withSlack(view.retryAfterMs, slackMs),
    resetAfterMs: view.resetAfterMs,
    rules,
    shadow,
    receipt: spends ? receiptOf(asked.requests, answered) : null,
  })
}

/** The decision where all policies are in shadow. */
function countedDecision(call: StoreCall, verdicts: Verdicts, shadow: readonly ShadowView[]): Decision {
  const { verb, requests, cost } = call
  const spends = verb === 'consume' || verb === 'charge'
  const isSpent = spends && spendingRules(requests, verdicts.numbers).includes(true)
  return unjudgedDecision({
    allowed: true,
    reason: 'unmatched',
    source: verdicts.source,
    cost,
    retryAfterMs: 0,
    shadow,
    receipt: isSpent ? receiptOf(requests, verdicts) : null,
  })
}

/**
 * The decision while the store fails and `onStoreError` is `open` or `closed`. Its wait is only a suggestion when to try
 * again, so it gets no timer slack.
 */
export function storeFailureDecision({ source, numbers }: Verdicts, cost: number): Decision {
  const wait = numbers[WAIT] as number
  return unjudgedDecision({
    allowed: wait === 0,
    reason: 'store-unavailable',
    source,
    cost,
    retryAfterMs: Math.ceil(wait / 1000),
  })
}

/** A decision made without the store: nothing matched, the limiter is switched off, or a list or a limit of 0 denies. */
export function decisionWithoutStore(
  reason: Reason,
  cost: number,
  {
    denying,
    shadow = NO_SHADOW,
  }: { readonly denying?: RuleView; readonly shadow?: readonly ShadowView[] } = {},
): Decision {
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
    shadow,
    receipt: null,
  })
}

/** The view of a rule with a limit of 0, the same in every decision. */
export function denyingView(policy: string, rule: Rule): RuleView {
  return ruleView(policy, rule, { wait: NEVER, remaining: 0, reset: 0 })
}

/** Units that a `credit` gave back: the least of all rules, those in shadow left out; 0 for any other verb. */
export function creditedUnits(asked: StoreCall, answered: Verdicts): number {
  if (asked.verb !== 'credit') return 0
  const judged = judgedCall(asked, answered)
  const isCounted = judged.call.requests.length === 0
  const { requests } = isCounted ? asked : judged.call
  const { numbers } = isCounted ? answered : judged.verdicts
  return Math.min(
    ...Array.from({ length: countRules(requests) }, (_, i) => numbers[i * VERDICT_SIZE + WAIT] as number),
  )
}
