import type { GuardableStore, GuardOptions } from '../core/guarded-store.ts'
import type { Store, SyncStore } from '../core/store.ts'
import { guard } from './guard.ts'
import { guardable } from './guardable.ts'
import { joinStores, type NamedStores } from './named-stores.ts'

export { type Blame, StoreTimeout } from '../core/store-timeout.ts'
export { type AnswerTimeOptions, withAnswerTime } from './answer-time.ts'
export type { Breaker, BreakerOptions } from './breaker.ts'
export { withBreaker } from './breaker.ts'
export { type DeadlineOptions, type TimedStore, withDeadline } from './deadline.ts'
export { type DenyCache, type DenyCacheOptions, withDenyCache } from './deny-cache.ts'
export { type Fallback, type FallbackOptions, withFallback } from './fallback.ts'
export { type Leases, type LeasesOptions, withLeases } from './leases.ts'
export type { NamedStores } from './named-stores.ts'
export type { Stoppable } from './pass-through.ts'

/**
 * A store that a limiter guards, as it does those of `headgate/redis`: deadline, circuit breaker, and what decides while
 * the store cannot. For stores of your own. The store itself stays as it is; whatever it can do, the answer can too.
 */
export function guarded<S extends Store>(store: S): S & GuardableStore {
  let local: SyncStore | undefined
  return guardable(store, (options: GuardOptions) => {
    // Limiters that share budgets in the store share them in its place too.
    const shared = (): SyncStore => {
      local ??= options.local()
      return local
    }
    return guard(store, { ...options, local: shared })
  })
}

/**
 * Several stores as one, each with a breaker of its own: policies say theirs by `store`, the others use the first. A
 * decision across stores spends in all of them or in none. Closing it closes them all.
 *
 * ```ts
 * namedStores({ main: redisStore(client), audit: redisStore('redis://audit:6379') })
 * ```
 */
export function namedStores(stores: Readonly<Record<string, Store>>): NamedStores {
  return guarded(joinStores(stores))
}
