/** Turns the numbers of a store's verdicts into the rule views of a decision, and finds the binding rule among them. */

import {
  BLOCKED,
  NEVER,
  RECEIPT,
  REMAINING,
  RESET,
  VERDICT_SIZE,
  type VerdictView,
  WAIT,
} from '../core/algorithm.ts'
import { unboxed } from '../core/arithmetic.ts'
import type { RuleView, ShadowView } from '../core/decision.ts'
import { HeadgateError } from '../core/errors.ts'
import type { Rule } from '../core/rule.ts'
import { TOO_MANY_WINDOWS, type Verb, type Verdicts } from '../core/store.ts'
import type { PolicyRequest } from './make-receipt.ts'

/** A call whose options are checked, with the budget requests it sends to the store. */
export interface StoreCall {
  readonly verb: Verb
  readonly requests: readonly PolicyRequest[]
  /** The cost of the call, else 1: of decisions that no rule is evaluated for. Each request has its own. */
  readonly cost: number
  /** Rules in shadow of which the store is not asked, since their policies admit nothing. */
  readonly deniedInShadow?: readonly ShadowView[]
  /** By how many milliseconds timers of this process may fire early. */
  readonly slackMs: number
}

/** One view per rule, in the order of the requests; throws `too-many-windows` where the store refused a rate of the call. */
export function ruleViews({ verb, requests, slackMs }: StoreCall, { numbers }: Verdicts): RuleView[] {
  const views = new Array<RuleView>(countRules(requests))
  let i = 0
  for (const { budget } of requests) {
    for (const rule of budget.rules) {
      const from = i * VERDICT_SIZE
      // A credit has no wait: its slot holds the units given back.
      const wait = verb === 'credit' ? 0 : (numbers[from + WAIT] as number)
      const reset = numbers[from + RESET] as number
      if (wait === TOO_MANY_WINDOWS) throw tooManyWindows(budget.policy, rule, wholeMs(reset) + slackMs)
      views[i++] = ruleView(budget.policy, rule, {
        wait,
        remaining: numbers[from + REMAINING] as number,
        reset,
      })
    }
  }
  return views
}

/** The view of one rule; times of the verdict are microseconds. */
export function ruleView(policy: string, rule: Rule, { wait, remaining, reset }: VerdictView): RuleView {
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

/** What a call asks for in one policy. */
export function costIn({ requests, cost }: StoreCall, policy: string | null): number {
  for (const { budget, cost: units } of requests) if (budget.policy === policy) return units
  return cost
}

/** How many rules the requests have together. */
export function countRules(requests: readonly PolicyRequest[]): number {
  let count = 0
  for (const { budget } of requests) count += budget.rules.length
  return count
}

/** Index of the binding rule: the one with the longest wait; among equal waits, the one with the least remaining. */
export function bindingRule(views: readonly RuleView[], numbers: ArrayLike<number>): number {
  let best = 0
  for (let i = 1; i < views.length; i++) {
    const wait = numbers[i * VERDICT_SIZE + WAIT] as number
    const longest = numbers[best * VERDICT_SIZE + WAIT] as number
    if (wait === longest ? hasLessRemaining(views, i, best) : isLonger(wait, longest)) best = i
  }
  return best
}

/** Index of the rule with the least remaining. */
export function leastRemaining(views: readonly RuleView[]): number {
  return views.reduce((best, _, i) => (hasLessRemaining(views, i, best) ? i : best), 0)
}

/** The reason of a denial by the rule whose verdict begins at index `from`. */
export function denialReason(
  numbers: ArrayLike<number>,
  from: number,
): 'cost-exceeds-capacity' | 'blocked' | 'limited' {
  if (numbers[from + WAIT] === NEVER) return 'cost-exceeds-capacity'
  return numbers[from + RECEIPT] === BLOCKED ? 'blocked' : 'limited'
}

/** Adds the timer slack to a positive wait, so that a timer set to the result does not fire before the wait is over. */
export function withSlack(waitMs: number | null, slackMs: number): number | null {
  return waitMs ? waitMs + slackMs : waitMs
}

/** Microseconds as whole milliseconds, rounded up. */
export function wholeMs(us: number): number {
  return unboxed(Math.ceil(us / 1000))
}

function hasLessRemaining(views: readonly RuleView[], i: number, other: number): boolean {
  return (views[i] as RuleView).remaining < (views[other] as RuleView).remaining
}

/** {@link NEVER} counts as longer than every other wait. */
function isLonger(wait: number, other: number): boolean {
  return other !== NEVER && (wait === NEVER || wait > other)
}

function tooManyWindows(policy: string, rule: Rule, retryAfterMs: number): HeadgateError {
  const what = `a key of policy ${policy} counts by five other windows, or rates of a bucket, than ${rule.name}`
  const fix = 'use align: calendar, or a window rule whose limit alone changes'
  return new HeadgateError('too-many-windows', `${what} until one recovers in ${retryAfterMs} ms; ${fix}`, {
    retryAfterMs,
  })
}
