import { NEVER, REMAINING, RESET, WAIT } from '../core/algorithm.ts'
import { unboxed } from '../core/arithmetic.ts'
import { createDecision, type Decision, NO_SHADOW } from '../core/decision.ts'
import type { Rule } from '../core/rule.ts'
import type { Verdicts } from '../core/store.ts'
import { type PolicyRequest, simpleReceipt } from './make-receipt.ts'
import { denialReason, wholeMs, withSlack } from './rule-views.ts'

/**
 * The decision of a `consume` on one rule in the store, which is the most common decision. This function and what it
 * calls are small enough for V8 to inline them into `consumeSync`; fields that the caller never reads then cost nothing.
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
    reason: denialReason(numbers, 0),
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
