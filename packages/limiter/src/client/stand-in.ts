import { createDecision, type Decision, NO_SHADOW } from '../core/decision.ts'

/** The decision of `open` or `closed` while the service does not answer. */
export function standInDecision(source: 'open' | 'closed', cost: number): Decision {
  const allowed = source === 'open'
  return createDecision({
    allowed,
    reason: 'store-unavailable',
    source,
    policy: null,
    rule: null,
    limit: null,
    remaining: null,
    cost,
    retryAfterMs: allowed ? 0 : null,
    resetAfterMs: null,
    rules: [],
    shadow: NO_SHADOW,
    receipt: null,
  })
}
