import { invalid } from '../core/errors.ts'
import type { GuardableStore, GuardOptions } from '../core/guarded-store.ts'
import { timersFire } from '../core/runtime.ts'
import type { Store, SyncStore } from '../core/store.ts'
import { guard } from './guard.ts'
import { guardable } from './guardable-proxy.ts'

/**
 * Wraps a store of your own so that a limiter guards it like those of `headgate/redis`: with a deadline, a circuit
 * breaker, and a fallback. The store itself is not changed; the wrapper has all of its members. In a Worker it is an
 * `invalid-options` error: a breaker that opened would stay open there.
 */
export function guarded<S extends Store>(store: S): S & GuardableStore {
  if (!timersFire) {
    const fix = 'ask the service by headgate/client, or decide in memory'
    throw invalid('store', `a store is guarded by timers, which in a Worker end with their request; ${fix}`)
  }
  let local: SyncStore | undefined
  return guardable(store, (options: GuardOptions) => {
    // Limiters that share budgets in the store also share them in the fallback.
    const shared = (): SyncStore => {
      local ??= options.local()
      return local
    }
    return guard(store, { ...options, local: shared })
  })
}
