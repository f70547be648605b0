import type { Decision, RuleView } from './decision.ts'

/**
 * Why a policy applies to a request or not.
 *
 * | outcome | |
 * | --- | --- |
 * | `applies` | it matches, or the call names it, and is one of those that decide |
 * | `in-shadow` | it matches, or the call names it, and counts without denying |
 * | `unmatched` | a condition of its `match` does not hold |
 * | `off` | its `mode` is `off` |
 * | `without-key` | the request lacks an attribute of its key, and `missing` is `skip` |
 * | `unreadable` | an attribute that it reads is malformed, and it refuses nobody for that: it is in shadow, or not asked |
 * | `not-chosen` | it matches, and another policy of its group is chosen |
 * | `not-asked` | the call names another policy, or brings a rule of its own |
 * | `listed` | it matches, and the request is on the list `allow` or `deny` |
 */
export type PolicyOutcome =
  | 'applies'
  | 'in-shadow'
  | 'unmatched'
  | 'off'
  | 'without-key'
  | 'unreadable'
  | 'not-chosen'
  | 'not-asked'
  | 'listed'

/** One attribute of a match, and what the request has there. */
export interface ConditionView {
  /** Its name; `descriptor[0]` is the first entry of a descriptor. */
  readonly attribute: string
  /**
   * What the request has, a path normalised and an address in its one spelling; null where it has none, or where that is
   * malformed.
   */
  readonly value: string | null
  readonly met: boolean
  /** The patterns that the value fits; where it fits none, the first 10 of all. */
  readonly wanted: readonly string[]
  /** How many patterns there are. */
  readonly patterns: number
}

/** What one policy makes of a request. */
export interface PolicyExplanation {
  readonly policy: string
  readonly outcome: PolicyOutcome
  /** Conditions of its `match`, all of which have to be met; none where it matches every request. */
  readonly conditions: readonly ConditionView[]
  /** Its group, and which policy of it is chosen; null where it is in none. */
  readonly choose: { readonly group: string; readonly chosen: string | null } | null
  /** Where it applies: the position of the override in it that changes its rules; else null. */
  readonly override: number | null
  /** Where it applies: the attributes whose budget is spent, none of them for `global`; else null. */
  readonly key: { readonly [attribute: string]: string } | null
  /** Where it applies: units that the call would spend; else null. */
  readonly cost: number | null
  /** Where it applies: its rules as they would stand after the call; else none. */
  readonly rules: readonly RuleView[]
}

/** Why a call would be decided as it would. */
export interface Explanation {
  /** The list that the request is on, and why; null where it is on none. */
  readonly listed: { readonly list: 'allow' | 'deny'; readonly conditions: readonly ConditionView[] } | null
  /** Every policy, in the order of the configuration. */
  readonly policies: readonly PolicyExplanation[]
  /** What `consume` would answer now; nothing was spent. */
  readonly decision: Decision
}
