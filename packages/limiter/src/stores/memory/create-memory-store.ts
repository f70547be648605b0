import { registered } from '../../core/algorithms/custom-by-name.ts'
import { checkClock, systemClock } from '../../core/clock.ts'
import { wrong } from '../../core/errors.ts'
import type { Store } from '../../core/store.ts'
import { checkFields } from '../../core/validate.ts'
import { Layouts } from './layouts.ts'
import { TypedArrayStore } from './memory-store.ts'
import type { MemoryStore, MemoryStoreOptions } from './memory-store-options.ts'
import { type Restored, restore } from './snapshot.ts'

const MAX_KEYS = 1_000_000

/** Creates a store in the memory of this process: synchronous, bounded, without timers. */
export function memoryStore(options: MemoryStoreOptions = {}): MemoryStore {
  checkFields(options, ['maxKeys', 'clock', 'snapshot', 'algorithms'], 'memoryStore')
  checkClock(options.clock, 'memoryStore.clock')
  const { maxKeys = MAX_KEYS, clock = systemClock(), snapshot, algorithms } = options
  const custom = registered(algorithms, 'memoryStore.algorithms')
  if (snapshot !== undefined && !(snapshot instanceof Uint8Array)) {
    throw wrong(
      snapshot,
      'is not a snapshot; pass the bytes that store.snapshot() returned',
      'memoryStore.snapshot',
    )
  }
  if (Number.isInteger(maxKeys) && maxKeys >= 1 && maxKeys <= 2 ** 28) {
    return new TypedArrayStore(maxKeys, clock, snapshot === undefined ? empty() : restore(snapshot, custom))
  }
  throw wrong(maxKeys, 'is not valid; use a whole number from 1 to 2^28', 'memoryStore.maxKeys')
}

/** Whether a store was made by {@link memoryStore}. */
export function isMemoryStore(store: Store): store is MemoryStore {
  return store instanceof TypedArrayStore
}

function empty(): Restored {
  return {
    layouts: new Layouts(),
    keys: 0,
    incarnations: 0,
    refunds: [],
    claims: [],
    secrets: [],
    documents: [],
  }
}
