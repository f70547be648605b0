import { parseDuration } from '../core/duration.ts'
import type { PolicyOptions } from '../core/policy-options.ts'
import type { Rule } from '../core/rule.ts'

/** A compiled rule as numbers and words, for people and for checks of a configuration. */
export interface RuleDescription {
  readonly name: string
  /** The algorithm that runs it: `bucket` for `token-bucket`, `gcra` and `leaky-bucket`, or for example `sliding-window`. */
  readonly kind: string
  /** Units per window: 100 for `100/min`. */
  readonly limit: number
  /** Length of the window in milliseconds: 60000 for `100/min`. */
  readonly windowMs: number
  /** The largest cost that can pass: the burst of a bucket, else the limit. 20 for `100/min` with burst 20. */
  readonly capacity: number
  /** Name, algorithm and window of its state: rules of a policy with the same identity share one budget (guarantee G12). */
  readonly identity: string
  /** Whether it denies everything: its limit is 0. */
  readonly denies: boolean
  /** The most it ever admits, in words, by guarantees G1 and G8: `at most 100 in any 54 s, …` for `100/min`. */
  readonly worstCase: string
}

/** How the policy of a rule spends, as far as a worst case depends on it. */
type RuleSpending = Pick<PolicyOptions, 'lease' | 'overdraw'>

/** Default lifetime of a lease. */
export const LEASE_LIFETIME = '200ms'

/** Describes a compiled rule. Its worst case includes what processes may hold in leases, and what overdraws. */
export function describeRule(rule: Rule, spending: RuleSpending = {}): RuleDescription {
  const { name, algorithm, limit, windowMs, capacity, identity, denies } = rule
  return {
    name,
    kind: algorithm.kind,
    limit,
    windowMs,
    capacity,
    identity: identity.text,
    denies,
    worstCase: denies ? 'denies everything' : worstCase(rule, spending),
  }
}

function worstCase({ algorithm, terms, ...rule }: Rule, { lease, overdraw = false }: RuleSpending): string {
  const leaseMs = lease === undefined ? 0 : parseDuration(lease.lifetime ?? LEASE_LIFETIME, 'lease.lifetime')
  const sentence = algorithm.worstCase(terms, { ...rule, leaseMs, overdraw })
  return leaseMs === 0
    ? sentence
    : `${sentence}, with leases of ${Number((leaseMs / 1000).toPrecision(12))} s`
}
