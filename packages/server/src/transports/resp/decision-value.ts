import type { Decision } from 'headgate'
import type { Value } from './reply.ts'

/** What is said of a decision beside itself. */
export interface DecisionExtras {
  readonly receipt: string | null
  readonly id: string | null | undefined
}

/** A decision as a reply has it: times in whole milliseconds, rounded up. */
export function decisionValue(
  decision: Decision,
  { receipt, id }: DecisionExtras,
): { readonly [field: string]: Value | undefined } {
  const { allowed, reason, source, policy, rule, limit, remaining, cost, retryAfterMs, resetAfterMs } =
    decision
  return {
    allowed,
    reason,
    source,
    policy,
    rule,
    limit,
    remaining,
    cost,
    retry_after_ms: retryAfterMs,
    reset_after_ms: resetAfterMs,
    receipt,
    id: id ?? undefined,
  }
}
