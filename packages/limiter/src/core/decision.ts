import { wrong } from './errors.ts'
import type { Receipt } from './receipt.ts'

/**
 * Why a decision allows or denies; a closed set.
 *
 * | reason | |
 * | --- | --- |
 * | `within-limit` | allowed: every rule has the units |
 * | `unmatched` | allowed: no policy that enforces matches the request, or it is on the list `allow` |
 * | `disabled` | allowed: the limiter is switched off |
 * | `limited` | denied: a rule lacks the units now, and has them after `retryAfterMs` |
 * | `cost-exceeds-capacity` | denied: the cost is above a rule's capacity, so no wait helps |
 * | `denied-by-policy` | denied: the request is on the list `deny`, or a rule has a limit of 0 |
 * | `blocked` | denied: a ban or a block holds, until `retryAfterMs` is over |
 * | `store-unavailable` | the store did not answer, and `onStoreError` is `open` (allowed) or `closed` (denied) |
 */
export type Reason =
  | 'within-limit'
  | 'unmatched'
  | 'limited'
  | 'cost-exceeds-capacity'
  | 'denied-by-policy'
  | 'blocked'
  | 'store-unavailable'
  | 'disabled'

/**
 * What made the decision: the store; a lease or the deny cache in this process; or, while the store fails, its fallback, or
 * `onStoreError` with `open` or `closed`. `none`: no rule had to be evaluated.
 */
export type Source = 'store' | 'lease' | 'deny-cache' | 'fallback' | 'open' | 'closed' | 'none'

/** How one rule stands after a decision. */
export interface RuleView {
  readonly policy: string
  readonly rule: string
  /** The capacity, which `remaining` counts down from: 100 for `100/min`, and 20 for `100/min` with burst 20. */
  readonly limit: number
  /** Units per window as configured, and the window in milliseconds: 100 and 60000 for `100/min`. */
  readonly rate: { readonly limit: number; readonly windowMs: number }
  /** Whole units left, rounded down: 97 of `100/min` after three calls of cost 1. 0 in debt. */
  readonly remaining: number
  /**
   * The exact wait in whole milliseconds, rounded up: 1000 for a cost of 1 on an empty bucket of `60/min`. 0 when this rule
   * passes, null when it never will.
   */
  readonly retryAfterMs: number | null
  /** Whole milliseconds, rounded up, until nothing is used any more: 10000 for a bucket of `60/min` with 10 units used. */
  readonly resetAfterMs: number
}

/**
 * How a rule stands that only counts: one of a policy in shadow, or one beside the rules of a policy, whose name has `~shadow`
 * behind. Its numbers are those of the rule itself.
 */
export interface ShadowView extends RuleView {
  /** Whether the rule would have let the request pass: false where its wait is not 0. */
  readonly allowed: boolean
  /** Present where a block or a ban stands against the key, whatever the rule says; `retryAfterMs` is then not before its end. */
  readonly blocked?: true
}

/** The `rules` of decisions in which none was judged: one array for all of them. */
export const NO_RULES: readonly RuleView[] = Object.freeze([])

/** The `shadow` of decisions in which nothing only counts: one array for all of them. */
export const NO_SHADOW: readonly ShadowView[] = Object.freeze([])

interface DecisionFields {
  readonly source: Source
  /**
   * Units asked for: 5 with `{ cost: 5 }`; without it those that the policy of the binding rule asks for, 1 unless it has a
   * `cost`. 1 where no rule was evaluated.
   */
  readonly cost: number
  /** Every rule evaluated, in the order of the policies. */
  readonly rules: readonly RuleView[]
  /** Every rule that counted without a say, in the order of the policies. It spent where it passes and the call is allowed. */
  readonly shadow: readonly ShadowView[]
}

/** A decision that lets the request pass. */
export interface Allowed extends DecisionFields {
  readonly allowed: true
  readonly reason: 'within-limit' | 'unmatched' | 'disabled' | 'store-unavailable'
  /** Policy of the binding rule, which has the least remaining; null when no rule was evaluated. */
  readonly policy: string | null
  /** Name of the binding rule; null when no rule was evaluated. */
  readonly rule: string | null
  /** Capacity of the binding rule, see {@link RuleView.limit}; null when no rule was evaluated. */
  readonly limit: number | null
  /** Whole units that the binding rule has left, see {@link RuleView.remaining}; null when no rule was evaluated. */
  readonly remaining: number | null
  readonly retryAfterMs: 0
  /** When the binding rule has recovered, see {@link RuleView.resetAfterMs}; null when no rule was evaluated. */
  readonly resetAfterMs: number | null
  /** Proof of the spend, for `refund`; null when nothing was spent. */
  readonly receipt: Receipt | null
}

/** A decision that denies the request; nothing was spent. */
export interface Denied extends DecisionFields {
  readonly allowed: false
  readonly reason: Exclude<Reason, 'within-limit' | 'unmatched' | 'disabled'>
  /** Policy of the binding rule, which has the longest wait; null when no rule was evaluated. */
  readonly policy: string | null
  /** Name of the binding rule; null when no rule was evaluated. */
  readonly rule: string | null
  /** Capacity of the binding rule, see {@link RuleView.limit}; null when no rule was evaluated. */
  readonly limit: number | null
  /** Whole units that the binding rule has left, see {@link RuleView.remaining}; null when no rule was evaluated. */
  readonly remaining: number | null
  /**
   * Sleep this many milliseconds and the same call passes, if no other call spends: the exact wait, rounded up, plus the
   * clock's timer slack. 1001 for a cost of 1 on an empty bucket of `60/min`. Null: no wait helps.
   */
  readonly retryAfterMs: number | null
  /** When the binding rule has recovered, see {@link RuleView.resetAfterMs}; null when no rule was evaluated. */
  readonly resetAfterMs: number | null
  readonly receipt: null
}

/**
 * The answer to one call. A denial is a value too, never an exception. Plain data: it survives `{ ...decision }`,
 * `JSON.stringify` and `structuredClone`. Times are whole milliseconds.
 */
export type Decision = Allowed | Denied

/** The answer of `credit`. */
export type Credited = Decision & {
  /** Whole units given back: the least of all rules. 3 where one rule gave back 3 and another 5. */
  readonly credited: number
}

/** All fields of a decision, each with any value that it can have. */
export type DecisionParts = { readonly [F in keyof Decision]: Decision[F] }

/**
 * Makes a decision; the type of `parts` requires every field. All callers must write the fields in the same order, so that
 * V8 gives all decisions one hidden class.
 */
export function createDecision(parts: DecisionParts): Decision {
  return parts as Decision
}

/** What a decision says in which no rule was judged. */
type UnjudgedParts = Pick<DecisionParts, 'allowed' | 'reason' | 'source' | 'cost' | 'retryAfterMs'> &
  Partial<Pick<DecisionParts, 'shadow' | 'receipt'>>

/** A decision in which no rule was judged, so that it names none. */
export function unjudgedDecision(parts: UnjudgedParts): Decision {
  const { allowed, reason, source, cost, retryAfterMs, shadow = NO_SHADOW, receipt = null } = parts
  return createDecision({
    allowed,
    reason,
    source,
    policy: null,
    rule: null,
    limit: null,
    remaining: null,
    cost,
    retryAfterMs,
    resetAfterMs: null,
    rules: NO_RULES,
    shadow,
    receipt,
  })
}

/**
 * The wait in whole seconds, rounded up, for a `Retry-After` header: 2 where `retryAfterMs` is 1201. 0 when allowed, null when
 * no wait helps. It leaves out the timer slack. Anything but a decision is an `invalid-options` error.
 */
export function retryAfterSeconds(decision: Decision): number | null {
  const { allowed, rules, retryAfterMs }: Partial<Decision> = decision ?? {}
  if (!Array.isArray(rules)) throw wrong(decision, 'is not a decision; pass what consume resolves to')
  if (allowed) return 0
  if (retryAfterMs === null) return null
  // The waits of rules are exact; that of the decision has the timer slack, which could round it up by a whole second.
  const exactMs = Math.max(0, ...rules.map((rule) => rule.retryAfterMs ?? 0))
  return Math.ceil((exactMs || retryAfterMs) / 1000)
}
