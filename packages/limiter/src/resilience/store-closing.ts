import type { Store } from '../core/store.ts'

type Stop = () => void | Promise<void>

/** What each store has to stop before it closes; null once it has begun to close. */
const stops = new WeakMap<Store, Set<Stop> | null>()

/**
 * Has `stop` called before a store closes, at once where it did already: what guards a store asks nothing of one that
 * its owner has closed. Returns a function that ends this.
 */
export function beforeClose(store: Store, stop: Stop): () => void {
  const known = stops.get(store)
  if (known === null) {
    void stop()
    return () => {}
  }
  const all = known ?? new Set()
  stops.set(store, all.add(stop))
  return () => void all.delete(stop)
}

/** Stops all that guards a store, then closes it. */
export async function closeStore(store: Store): Promise<void> {
  const all = stops.get(store)
  stops.set(store, null)
  await Promise.all([...(all ?? [])].map(async (stop) => stop()))
  await store.close()
}
