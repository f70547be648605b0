/** The entry `headgate/resilience`: wrappers for stores that can fail, which a limiter otherwise applies by itself. */

import type { Store } from '../core/store.ts'
import { guarded } from '../resilience/guarded.ts'
import { joinStores, type NamedStores } from '../stores/split/named-stores.ts'

export { type Blame, StoreTimeout } from '../core/store-timeout.ts'
export type { Breaker, BreakerOptions } from '../resilience/breaker/breaker.ts'
export { withBreaker } from '../resilience/breaker/breaker.ts'
export { type AnswerTimeOptions, withAnswerTime } from '../resilience/deadline/answer-time.ts'
export { type DeadlineOptions, type TimedStore, withDeadline } from '../resilience/deadline/deadline.ts'
export { type DenyCache, type DenyCacheOptions, withDenyCache } from '../resilience/deny-cache/deny-cache.ts'
export { type Fallback, type FallbackOptions, withFallback } from '../resilience/fallback/fallback.ts'
export { guarded } from '../resilience/guarded.ts'
export { type Leases, type LeasesOptions, withLeases } from '../resilience/leases/leases.ts'
export type { Stoppable } from '../resilience/pass-through.ts'
export type { NamedStores } from '../stores/split/named-stores.ts'

/**
 * Joins several stores into one, each with a breaker of its own. A policy names its store by `store`; one that names none uses
 * the first. A decision across stores spends in all of them or in none. Closing it closes all stores.
 *
 * ```ts
 * namedStores({ main: redisStore(client), audit: redisStore('redis://audit:6379') })
 * ```
 */
export function namedStores(stores: Readonly<Record<string, Store>>): NamedStores {
  return guarded(joinStores(stores))
}
