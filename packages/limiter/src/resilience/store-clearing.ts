import type { ClearableStore, Store } from '../core/store.ts'

type Forget = () => Promise<void>

/** What each store's guards have to forget with it. */
const forgets = new WeakMap<Store, Set<Forget>>()

/** Has `forget` called after a store was cleared, whose denials and leases hold no more. Returns a function that ends this. */
export function afterClear(store: Store, forget: Forget): () => void {
  const all = forgets.get(store) ?? new Set()
  forgets.set(store, all.add(forget))
  return () => void all.delete(forget)
}

/** Clears a store, and all that guards it. */
export async function clearStore(store: ClearableStore): Promise<void> {
  await store.clear()
  await Promise.all([...(forgets.get(store) ?? [])].map((forget) => forget()))
}
