import type { GuardableStore, GuardedStore, GuardOptions } from '../core/guarded-store.ts'
import { isClearable, type Store } from '../core/store.ts'
import { clearStore } from './store-clearing.ts'
import { closeStore } from './store-closing.ts'

/** The store of each wrapper: guards call it directly, without the proxy. */
const stores = new WeakMap<object, Store>()

/** Wraps a store in a proxy that has all of its members and `guard`. */
export function guardable<S extends Store>(
  store: S,
  guard: (options: GuardOptions) => GuardedStore,
): S & GuardableStore {
  const wrapper = new Proxy(store, {
    get(target, name) {
      if (name === 'guard') return guard
      if (name === 'close') return () => closeStore(target)
      if (name === 'clear' && isClearable(target)) return () => clearStore(target)
      // Bound to the store, since private fields do not exist on a proxy.
      const value: unknown = Reflect.get(target, name, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
    has: (target, name) => name === 'guard' || Reflect.has(target, name),
  })
  stores.set(wrapper, store)
  return wrapper as S & GuardableStore
}

/** The store of a wrapper; a store that is none is returned as it is. */
export function unwrapped(store: Store): Store {
  return stores.get(store) ?? store
}
