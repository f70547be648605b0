import { parseDuration } from '../core/duration.ts'
import type { LeaseOptions } from '../core/policy-options.ts'
import type { Rule } from '../core/rule.ts'

/** A rule in numbers and words, for people and for checks; what it says is the same wherever it is read. */
export interface RuleDescription {
  readonly name: string
  /** Kind of its algorithm, such as `bucket` or `sliding-window`. */
  readonly kind: string
  /** Units per window as configured, and the largest cost that can pass: a bucket's burst, else the limit. */
  readonly limit: number
  readonly windowMs: number
  readonly capacity: number
  /** Whose state it reads: rules of a policy with the same text share one budget (guarantee G12). */
  readonly identity: string
  /** Whether it denies everything, for its limit is 0. */
  readonly denies: boolean
  /** The most it ever admits, in words, as guarantees G1 and G8 have it: `at most 100 in any 54 s, …`. */
  readonly worstCase: string
}

/** How long a lease lives unless it says so, in milliseconds. */
export const LEASE_LIFETIME = '200ms'

/** Describes a compiled rule, with what a lease adds to its worst case. */
export function describeRule(rule: Rule, lease?: LeaseOptions): RuleDescription {
  const { name, algorithm, limit, windowMs, capacity, identity, denies } = rule
  return {
    name,
    kind: algorithm.kind,
    limit,
    windowMs,
    capacity,
    identity: identity.text,
    denies,
    worstCase: denies ? 'denies everything' : worstCase(rule, lease),
  }
}

function worstCase({ algorithm, terms, ...rule }: Rule, lease: LeaseOptions | undefined): string {
  const leaseMs = lease === undefined ? 0 : parseDuration(lease.lifetime ?? LEASE_LIFETIME, 'lease.lifetime')
  const sentence = algorithm.worstCase(terms, { ...rule, leaseMs })
  return leaseMs === 0
    ? sentence
    : `${sentence}, with leases of ${Number((leaseMs / 1000).toPrecision(12))} s`
}
