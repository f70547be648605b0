import type { CalendarTerms } from '../../src/core/algorithms/fixed-window.ts'
import type { Rule } from '../../src/core/rule.ts'

/** The numbers a user wrote, which is all the model takes from the code under test. */
export interface Spec {
  readonly kind: string
  readonly limit: bigint
  readonly windowUs: bigint
  readonly burst: bigint
  readonly segments: number
  readonly calendar: { readonly unit: string; readonly timezone: string } | null
}

/** Reads limit, window, burst, segments, calendar unit and zone of a compiled rule, and nothing computed from them. */
export function specOf({ algorithm, limit, windowMs, capacity, terms }: Rule): Spec {
  const { kind } = algorithm
  return {
    kind,
    limit: BigInt(limit),
    windowUs: BigInt(windowMs) * 1000n,
    burst: BigInt(capacity),
    segments: segmentsOf({ algorithm, terms }),
    calendar: kind === 'calendar' ? (terms as CalendarTerms).calendar : null,
  }
}

/** A sliding window keeps the number of the present segment, and the units of it and of each segment before it. */
export function segmentsOf({ algorithm, terms }: Pick<Rule, 'algorithm' | 'terms'>): number {
  return algorithm.kind === 'sliding-window' ? algorithm.words(terms) - 2 : 0
}
