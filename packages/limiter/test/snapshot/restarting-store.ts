import type { Claim, Claimed, ClaimingStore } from '../../src/core/claiming-store.ts'
import type {
  BudgetKey,
  BudgetRequest,
  Grant,
  LeasingStore,
  Refund,
  SyncStore,
  Verb,
  Verdicts,
} from '../../src/core/store.ts'
import { type MemoryStore, memoryStore } from '../../src/stores/memory/index.ts'
import type { ManualClock } from '../../src/testing/manual-clock.ts'
import { idleWindow } from '../oracle/custom.ts'

/**
 * A memory store that is replaced by one from its snapshot before every `each`-th call. Snapshots are taken before the beginning
 * of time, so that nothing counts as recovered, not even what nothing was spent from: what had recovered counts again when a
 * clock goes back, and the model forgets nothing.
 */
export class RestartingStore implements SyncStore, LeasingStore, ClaimingStore {
  readonly clock: ManualClock
  readonly #each: number
  #store: MemoryStore
  #calls = 0
  #isSnapshotTaken = false

  constructor(clock: ManualClock, each: number) {
    this.clock = { ...clock, now: () => (this.#isSnapshotTaken ? -1 : clock.now()) }
    this.#each = each
    this.#store = memoryStore({ clock: this.clock })
  }

  decideSync(verb: Verb, requests: readonly BudgetRequest[]): Verdicts {
    return this.#restarted().decideSync(verb, requests)
  }

  refundSync(refunds: readonly Refund[]): readonly number[] {
    return this.#restarted().refundSync(refunds)
  }

  resetSync(keys: readonly BudgetKey[]): void {
    this.#restarted().resetSync(keys)
  }

  blockSync(keys: readonly BudgetKey[], lengthUs: number): void {
    this.#restarted().blockSync(keys, lengthUs)
  }

  decide(verb: Verb, requests: readonly BudgetRequest[]): Promise<Verdicts> {
    return this.#restarted().decide(verb, requests)
  }

  acquire(request: BudgetRequest, min: number): Promise<Grant> {
    return this.#restarted().acquire(request, min)
  }

  refund(refunds: readonly Refund[]): Promise<readonly number[]> {
    return this.#restarted().refund(refunds)
  }

  reset(keys: readonly BudgetKey[]): Promise<void> {
    return this.#restarted().reset(keys)
  }

  block(keys: readonly BudgetKey[], lengthUs: number): Promise<void> {
    return this.#restarted().block(keys, lengthUs)
  }

  claim(claim: Claim): Promise<Claimed> {
    return this.#restarted().claim(claim)
  }

  unclaim(id: string): Promise<void> {
    return this.#restarted().unclaim(id)
  }

  async close(): Promise<void> {}

  #restarted(): MemoryStore {
    if (++this.#calls % this.#each === 0) {
      this.#isSnapshotTaken = true
      const snapshot = this.#store.snapshot()
      this.#isSnapshotTaken = false
      this.#store = memoryStore({ clock: this.clock, snapshot, algorithms: [idleWindow] })
    }
    return this.#store
  }
}
