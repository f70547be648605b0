import {
  type SharedMemoryStats,
  type SharedMemoryStore,
  sharedMemoryStore,
} from '../../src/stores/shared-memory/index.ts'
import type { ManualClock } from '../../src/testing/manual-clock.ts'
import { ForwardingStore } from '../forwarding-store.ts'
import { type Random, randomOf } from '../parity/random.ts'

/** Several stores on one memory that take turns at random: whoever asks sees one store. */
export class InTurn extends ForwardingStore<SharedMemoryStore> {
  readonly clock: ManualClock
  readonly #stores: readonly SharedMemoryStore[]
  readonly #random: Random

  constructor(clock: ManualClock, { maxKeys = 10_000, stores = 2, seed = 1 } = {}) {
    super()
    this.clock = clock
    const first = sharedMemoryStore({ clock, maxKeys })
    const attach = first.memory
    this.#stores = [first, ...Array.from({ length: stores - 1 }, () => sharedMemoryStore({ attach, clock }))]
    this.#random = randomOf(seed)
  }

  stats(): SharedMemoryStats {
    return this.next().stats()
  }

  async close(): Promise<void> {
    for (const store of this.#stores) await store.close()
  }

  protected next(): SharedMemoryStore {
    return this.#random.pick(this.#stores)
  }
}
