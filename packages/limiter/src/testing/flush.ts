import { invalid } from '../core/errors.ts'
import { isClearable, type Store } from '../core/store.ts'

/**
 * Has a store forget everything: every key of a `memoryStore`, and of a `redisStore` all keys with its prefix, however many
 * processes use them. Limiters on it forget what they knew of it as well: denials, leases, and what their fallback counted. A store
 * of your own needs a method `clear` (`ClearableStore`); without it this rejects with `invalid-options`.
 */
export async function flush(store: Store): Promise<void> {
  if (!isClearable(store)) throw invalid('store', 'it cannot forget everything; give it a method clear()')
  await store.clear()
}
