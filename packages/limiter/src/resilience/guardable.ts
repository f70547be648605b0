import type { GuardableStore, GuardedStore, GuardOptions } from '../core/guarded-store.ts'
import type { Store } from '../core/store.ts'

/** What stands behind each wrapper: it is called directly where nobody needs the wrapper. */
const stores = new WeakMap<object, Store>()

/** A store by way of a wrapper that can be guarded too; whatever the store itself can do, the wrapper can. */
export function guardable<S extends Store>(
  store: S,
  guard: (options: GuardOptions) => GuardedStore,
): S & GuardableStore {
  const wrapper = new Proxy(store, {
    get(target, name) {
      if (name === 'guard') return guard
      // By the store, not by the wrapper: private fields are known of the store alone.
      const value: unknown = Reflect.get(target, name, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
    has: (target, name) => name === 'guard' || Reflect.has(target, name),
  })
  stores.set(wrapper, store)
  return wrapper as S & GuardableStore
}

/** The store behind a wrapper, or the store itself. */
export function unwrapped(store: Store): Store {
  return stores.get(store) ?? store
}
