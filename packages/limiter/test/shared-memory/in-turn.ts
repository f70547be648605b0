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
import {
  type SharedMemoryStats,
  type SharedMemoryStore,
  sharedMemoryStore,
} from '../../src/stores/shared-memory/index.ts'
import type { ManualClock } from '../../src/testing/manual-clock.ts'
import { type Random, randomOf } from '../parity/random.ts'

/** Several stores on one memory that take turns at random: whoever asks sees one store. */
export class InTurn implements SyncStore, LeasingStore {
  readonly clock: ManualClock
  readonly #stores: readonly SharedMemoryStore[]
  readonly #random: Random

  constructor(clock: ManualClock, { maxKeys = 10_000, stores = 2, seed = 1 } = {}) {
    this.clock = clock
    const first = sharedMemoryStore({ clock, maxKeys })
    const attach = first.memory
    this.#stores = [first, ...Array.from({ length: stores - 1 }, () => sharedMemoryStore({ attach, clock }))]
    this.#random = randomOf(seed)
  }

  decideSync(verb: Verb, requests: readonly BudgetRequest[]): Verdicts {
    return this.#next().decideSync(verb, requests)
  }

  refundSync(refunds: readonly Refund[]): readonly number[] {
    return this.#next().refundSync(refunds)
  }

  resetSync(keys: readonly BudgetKey[]): void {
    this.#next().resetSync(keys)
  }

  blockSync(keys: readonly BudgetKey[], lengthUs: number): void {
    this.#next().blockSync(keys, lengthUs)
  }

  decide(verb: Verb, requests: readonly BudgetRequest[]): Promise<Verdicts> {
    return this.#next().decide(verb, requests)
  }

  acquire(request: BudgetRequest, min: number): Promise<Grant> {
    return this.#next().acquire(request, min)
  }

  refund(refunds: readonly Refund[]): Promise<readonly number[]> {
    return this.#next().refund(refunds)
  }

  reset(keys: readonly BudgetKey[]): Promise<void> {
    return this.#next().reset(keys)
  }

  block(keys: readonly BudgetKey[], lengthUs: number): Promise<void> {
    return this.#next().block(keys, lengthUs)
  }

  stats(): SharedMemoryStats {
    return this.#next().stats()
  }

  async close(): Promise<void> {
    for (const store of this.#stores) await store.close()
  }

  #next(): SharedMemoryStore {
    return this.#random.pick(this.#stores)
  }
}
