import type { Claim, Claimed, ClaimingStore } from '../../src/core/claiming-store.ts'
import { type MemoryStore, memoryStore } from '../../src/stores/memory/index.ts'
import type { ManualClock } from '../../src/testing/manual-clock.ts'
import { ForwardingStore } from '../forwarding-store.ts'
import { idleWindow } from '../oracle/custom.ts'

/**
 * A memory store that is replaced by one from its snapshot before every `each`-th call. Snapshots are taken before the beginning
 * of time, so that nothing counts as recovered, not even what nothing was spent from: what had recovered counts again when a
 * clock goes back, and the model forgets nothing.
 */
export class RestartingStore extends ForwardingStore<MemoryStore> implements ClaimingStore {
  readonly clock: ManualClock
  readonly #each: number
  #store: MemoryStore
  #calls = 0
  #isSnapshotTaken = false

  constructor(clock: ManualClock, each: number) {
    super()
    this.clock = { ...clock, now: () => (this.#isSnapshotTaken ? -1 : clock.now()) }
    this.#each = each
    this.#store = memoryStore({ clock: this.clock })
  }

  claim(claim: Claim): Promise<Claimed> {
    return this.next().claim(claim)
  }

  unclaim(id: string): Promise<void> {
    return this.next().unclaim(id)
  }

  async close(): Promise<void> {}

  protected next(): MemoryStore {
    if (++this.#calls % this.#each === 0) {
      this.#isSnapshotTaken = true
      const snapshot = this.#store.snapshot()
      this.#isSnapshotTaken = false
      this.#store = memoryStore({ clock: this.clock, snapshot, algorithms: [idleWindow] })
    }
    return this.#store
  }
}
