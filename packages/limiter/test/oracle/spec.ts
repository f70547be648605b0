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

/** Reads `limit`, `window`, `burst`, `segments`, calendar unit and zone of a compiled rule, none of its terms. */
export function specOf({ algorithm, limit, windowMs, capacity, line }: Rule): Spec {
  const { kind } = algorithm
  const [, , , , ...rest] = line.split(' ')
  const [unit = '', timezone = ''] = rest
  return {
    kind,
    limit: BigInt(limit),
    windowUs: BigInt(windowMs) * 1000n,
    burst: BigInt(capacity),
    // Only these two cannot be had elsewhere: `limit length segments …`, and `limit unit zone`.
    segments: kind === 'sliding-window' ? Number(timezone) : 0,
    calendar: kind === 'calendar' ? { unit, timezone } : null,
  }
}
