import type { CalendarTerms } from '../../src/core/algorithms/fixed-window.ts'
import type { SlidingTerms } from '../../src/core/algorithms/sliding-window.ts'
import type { Rule } from '../../src/core/rule.ts'

/** The numbers a user wrote, which is all the model takes from the code under test. */
export interface Spec {
  readonly kind: string
  readonly limit: bigint
  readonly windowUs: bigint
  readonly burst: bigint
  /** Of a sliding log, which is written without, its limit. */
  readonly segments: bigint
  readonly calendar: { readonly unit: string; readonly timezone: string } | null
}

/** Reads limit, window, burst, segments, calendar unit and zone of a compiled rule, and nothing computed from them. */
export function specOf(rule: Rule): Spec {
  const { limit, windowMs, capacity, terms } = rule
  const { kind } = rule.algorithm
  return {
    kind,
    limit: BigInt(limit),
    windowUs: BigInt(windowMs) * 1000n,
    burst: BigInt(capacity),
    segments: BigInt(segmentsOf(rule)),
    calendar: kind === 'calendar' ? (terms as CalendarTerms).calendar : null,
  }
}

/** Segments of a sliding window; 0 of anything else. */
export function segmentsOf({ algorithm, terms }: Pick<Rule, 'algorithm' | 'terms'>): number {
  return algorithm.kind === 'sliding-window' ? (terms as SlidingTerms).segments : 0
}
