import type { Health } from '../core/health.ts'
import type { Store } from '../core/store.ts'

/** The health of a store that is used as it is: no more is known of it. */
export function unguardedHealth({ synchronous }: Store): Health {
  return {
    store: synchronous ? 'reachable' : 'unknown',
    breaker: 'closed',
    answeredAt: null,
    lastError: null,
    decisions: null,
    latency: null,
    consecutiveFailures: 0,
    parts: [],
    replicas: 1,
  }
}
