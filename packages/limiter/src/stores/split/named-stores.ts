import { checkStore } from '../../core/check-store.ts'
import type { Clock } from '../../core/clock.ts'
import { wrong } from '../../core/errors.ts'
import { checkName } from '../../core/rule.ts'
import { clockOf, isSync, type PartitionedStore, type Store } from '../../core/store.ts'
import { isRecord } from '../../core/validate.ts'
import { SplitStore } from './split-store.ts'

/** Several stores as one, from which each policy chooses by name: see `namedStores`. */
export interface NamedStores extends PartitionedStore {
  /** In the order given; the first is used by policies that name none. */
  readonly names: readonly string[]
  /** The clock of the stores in this process, if all of them share one. */
  readonly clock: Clock | undefined
}

/** Checks names and stores, and makes one store of them. */
export function joinStores(stores: Readonly<Record<string, Store>>): NamedStores {
  const names = isRecord(stores) ? Object.keys(stores) : []
  if (names.length === 0) throw wrong(stores, 'names no store; use { main: … }', 'namedStores')
  for (const name of names) {
    const path = `namedStores.${name}`
    checkName(name, path)
    // JavaScript puts keys that are integers first, so the order of stores would be lost.
    if (/^\d+$/.test(name)) throw wrong(name, 'is a number; begin the name with a letter', path)
    checkStore(stores[name], path)
  }
  return new JoinedStores(names, Object.values(stores))
}

class JoinedStores extends SplitStore implements NamedStores {
  readonly names: readonly string[]
  readonly clock: Clock | undefined

  constructor(names: readonly string[], stores: readonly Store[]) {
    super(stores, ({ budget: { store } }) => (store === undefined ? 0 : names.indexOf(store)))
    this.names = names
    const [clock, ...others] = new Set(
      stores.filter((store) => isSync(store) || 'clock' in store).map(clockOf),
    )
    this.clock = others.length === 0 ? clock : undefined
  }
}
