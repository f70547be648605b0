import type { Health } from '../core/health-report.ts'
import { isSync, type Store } from '../core/store.ts'

/** The health of a store that is used as it is: no more is known of it. */
export function unguardedHealth(store: Store): Health {
  return {
    store: isSync(store) ? 'reachable' : 'unknown',
    breaker: 'closed',
    answeredAt: null,
    lastError: null,
    decisions: null,
    latency: null,
    consecutiveFailures: 0,
    overloads: 0,
    parts: [],
    replicas: 1,
  }
}
