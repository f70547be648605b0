import { type Decision, unjudgedDecision } from '../core/decision.ts'

/** The decision of `open` or `closed` while the service does not answer. */
export function standInDecision(source: 'open' | 'closed', cost: number): Decision {
  const allowed = source === 'open'
  return unjudgedDecision({
    allowed,
    reason: 'store-unavailable',
    source,
    cost,
    retryAfterMs: allowed ? 0 : null,
  })
}
