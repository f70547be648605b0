import type { GuardableStore, GuardOptions } from '../core/guarded-store.ts'
import type { Store, SyncStore } from '../core/store.ts'
import { guard } from './guard.ts'
import { guardable } from './guardable.ts'

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
