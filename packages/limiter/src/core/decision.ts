import { wrong } from './errors.ts'
import type { Receipt } from './receipt.ts'

/** Why a decision is what it is; a closed set. */
export type Reason =
  | 'within-limit'
  | 'unmatched'
  | 'limited'
  | 'cost-exceeds-capacity'
  | 'denied-by-policy'
  | 'blocked'
  | 'store-unavailable'
  | 'disabled'

/** Which path answered; `none` when nothing had to be judged. */
export type Source = 'store' | 'lease' | 'deny-cache' | 'fallback' | 'open' | 'closed' | 'none'

/** What one rule says of one decision. */
export interface RuleView {
  readonly policy: string
  readonly rule: string
  /** Units `remaining` counts down from. */
  readonly limit: number
  /** Units per window as configured, and that window in milliseconds. */
  readonly rate: { readonly limit: number; readonly windowMs: number }
  readonly remaining: number
  /** The exact wait in whole milliseconds, rounded up: 0 when this rule passes, null when it never will. */
  readonly retryAfterMs: number | null
  readonly resetAfterMs: number
}

/** What a threshold in shadow would have said; empty until shadow policies exist. */
export interface ShadowView {
  readonly policy: string
  readonly rule: string
  readonly allowed: boolean
}

/** What decisions hold as `shadow` until shadow policies exist: one array for all of them. */
export const NO_SHADOW: readonly ShadowView[] = Object.freeze([])

interface DecisionFields {
  readonly source: Source
  /** Units asked for. */
  readonly cost: number
  /** Every rule judged, in the order of the policies. */
  readonly rules: readonly RuleView[]
  readonly shadow: readonly ShadowView[]
}

/** A decision that lets the request pass. */
export interface Allowed extends DecisionFields {
  readonly allowed: true
  readonly reason: 'within-limit' | 'unmatched' | 'disabled' | 'store-unavailable'
  /** Policy and rule with the least remaining; null when nothing was judged. */
  readonly policy: string | null
  readonly rule: string | null
  readonly limit: number | null
  readonly remaining: number | null
  readonly retryAfterMs: 0
  readonly resetAfterMs: number | null
  /** Proof of the spend, for `refund`; null when nothing was spent. */
  readonly receipt: Receipt | null
}

/** A decision that denies the request; nothing was spent. */
export interface Denied extends DecisionFields {
  readonly allowed: false
  readonly reason: Exclude<Reason, 'within-limit' | 'unmatched' | 'disabled'>
  /** Policy and rule with the longest wait. */
  readonly policy: string | null
  readonly rule: string | null
  readonly limit: number | null
  readonly remaining: number | null
  /**
   * Sleep this long and the same call passes, if nobody else spends: the exact wait, rounded up, and what timers of this
   * process cut off. Null: never.
   */
  readonly retryAfterMs: number | null
  /** Whole milliseconds, rounded up, until the binding rule has fully recovered. */
  readonly resetAfterMs: number | null
  readonly receipt: null
}

/**
 * The answer to one call: a value, never an exception when denied, and plain data: it survives `{ ...decision }`,
 * `JSON.stringify` and `structuredClone`. Times are whole milliseconds.
 */
export type Decision = Allowed | Denied

/** The answer of `credit`. */
export type Credited = Decision & {
  /** Units given back: the least of all rules. */
  readonly credited: number
}

/** All fields of a decision, each of any kind it can be of. */
export type DecisionParts = { readonly [F in keyof Decision]: Decision[F] }

/** A decision from its parts: none can be forgotten. Write them in the order of `createDecision`'s callers: one shape. */
export function createDecision(parts: DecisionParts): Decision {
  return parts as Decision
}

/** How long to wait in whole seconds, as `Retry-After` says it: 0 when allowed, null when no wait helps. */
export function retryAfterSeconds(decision: Decision): number | null {
  const { allowed, rules, retryAfterMs }: Partial<Decision> = decision ?? {}
  if (!Array.isArray(rules)) throw wrong(decision, 'is not a decision; pass what consume resolves to')
  if (allowed) return 0
  if (retryAfterMs === null) return null
  // What rules say is exact; the decision's own adds what timers cut off.
  const exactMs = Math.max(0, ...rules.map((rule) => rule.retryAfterMs ?? 0))
  return Math.ceil((exactMs || retryAfterMs) / 1000)
}
