import type { Claim, Claimed } from '../../core/claiming-store.ts'
import type { Clock } from '../../core/clock.ts'
import type { DocumentPut, DocumentRead } from '../../core/document-store.ts'
import { HeadgateError } from '../../core/errors.ts'
import type { SecretOffer } from '../../core/secret-store.ts'
import type {
  BudgetKey,
  BudgetRequest,
  ClearableStore,
  Grant,
  Refund,
  Verb,
  Verdicts,
} from '../../core/store.ts'
import { copyOf, RecordDecider } from '../local/record-decider.ts'
import { FULL } from './chunk-pool.ts'
import { isLayout } from './kept-records.ts'
import { INCARNATION_BLOCK, KEYS, OVERFLOW_UNTIL, OVERFLOWED } from './memory-map.ts'
import { SharedClaims } from './shared-claims.ts'
import type { SharedCursor } from './shared-cursor.ts'
import { SharedKeyspace } from './shared-keyspace.ts'
import type { SharedMemoryStats, SharedMemoryStore } from './shared-memory-options.ts'
import { SharedRefunds } from './shared-refunds.ts'
import { SharedTexts } from './shared-texts.ts'
import { sweep, sweepBy } from './sweep.ts'
import type { ThreadMemory } from './thread-memory.ts'

/** Incarnations that a thread draws for itself at once; even numbers alone. */
export const INCARNATIONS: number = 2 ** 20

/** Buckets that are swept where no chunk is free. */
const SWEEP_BUCKETS = 4096

/** The store in memory that threads share, as one of them has it; see `sharedMemoryStore`. */
export class SharedArrayStore implements SharedMemoryStore, ClearableStore {
  readonly clock: Clock
  readonly #memory: ThreadMemory
  readonly #keyspace: SharedKeyspace
  readonly #decider: RecordDecider<SharedCursor>
  readonly #refunds: SharedRefunds
  readonly #claims: SharedClaims
  readonly #texts: SharedTexts
  readonly #leave: () => void
  #incarnationsEnd = 0
  // What is being decided: a function made for each decision would have to be allocated.
  #verb: Verb = 'peek'
  #requests: readonly BudgetRequest[] = []
  readonly #decideNow = (): Verdicts => {
    const now = this.#keyspace.open(this.#requests)
    return this.#decider.decide(this.#verb, this.#requests, now)
  }

  readonly #decideWhole = (): Verdicts => this.#memory.transact(this.#decideNow)

  constructor(memory: ThreadMemory, clock: Clock, leave: () => void) {
    this.clock = clock
    this.#memory = memory
    this.#leave = leave
    this.#keyspace = new SharedKeyspace(memory)
    this.#decider = new RecordDecider(this.#keyspace, 0)
    this.#refunds = new SharedRefunds(memory)
    this.#claims = new SharedClaims(memory)
    this.#texts = new SharedTexts(memory)
  }

  get memory(): SharedArrayBuffer {
    return this.#memory.map.buffer
  }

  decideSync(verb: Verb, requests: readonly BudgetRequest[]): Verdicts {
    this.#begin()
    this.#verb = verb
    this.#requests = requests
    try {
      return this.#memory.transact(this.#decideNow)
    } catch (reason) {
      return this.#again(reason, this.#decideWhole)
    }
  }

  refundSync(refunds: readonly Refund[]): readonly number[] {
    return refunds.map((refund) => {
      this.#refunds.beginRefund()
      return this.#about(refund, (now) => this.#decider.refund(refund, this.#refunds, now))
    })
  }

  resetSync(keys: readonly BudgetKey[]): void {
    for (const key of keys) this.#about(key, () => this.#keyspace.forget(key))
  }

  blockSync(keys: readonly BudgetKey[], lengthUs: number): void {
    for (const key of keys) this.#about(key, (now) => this.#decider.block(key, lengthUs, now))
  }

  async decide(verb: Verb, requests: readonly BudgetRequest[]): Promise<Verdicts> {
    return copyOf(this.decideSync(verb, requests), requests)
  }

  async acquire(request: BudgetRequest, min: number): Promise<Grant> {
    return this.#about(request, (now) => this.#decider.acquire(request, min, now))
  }

  async refund(refunds: readonly Refund[]): Promise<readonly number[]> {
    return this.refundSync(refunds)
  }

  async reset(keys: readonly BudgetKey[]): Promise<void> {
    this.resetSync(keys)
  }

  async block(keys: readonly BudgetKey[], lengthUs: number): Promise<void> {
    this.blockSync(keys, lengthUs)
  }

  async claim(claim: Claim): Promise<Claimed> {
    return this.#withRoom(() => this.#claims.take(claim, this.#memory.time.fresh()))
  }

  async unclaim(id: string): Promise<void> {
    this.#withRoom(() => this.#claims.giveUp(id))
  }

  async secrets(offer: SecretOffer): Promise<readonly string[]> {
    return this.#withRoom(() => this.#texts.secrets(offer, this.#memory.time.fresh()))
  }

  async readDocument(name: string, known: string | null): Promise<DocumentRead> {
    return this.#texts.readDocument(name, known)
  }

  async putDocument(name: string, put: DocumentPut): Promise<boolean> {
    return this.#withRoom(() => this.#texts.putDocument(name, put))
  }

  async clear(): Promise<void> {
    const { records, map } = this.#memory
    // All but layouts, of which every thread knows that they are there.
    sweepBy(
      this.#memory,
      map.bucketMask + 1,
      (chunk) => !isLayout(records.layoutLowAt(chunk), records.layoutHighAt(chunk)),
    )
    Atomics.store(map.ints, OVERFLOW_UNTIL, 0)
  }

  async close(): Promise<void> {
    if (this.#memory.close()) this.#leave()
  }

  stats(): SharedMemoryStats {
    const { ints } = this.#memory.map
    return {
      keys: Atomics.load(ints, KEYS),
      // A flood writes more of these than fit 31 bits.
      overflowed: Atomics.load(ints, OVERFLOWED) >>> 0,
      usedBytes: this.#memory.usedBytes,
    }
  }

  /** Does something about one key. */
  #about<T>(key: BudgetKey, work: (now: number) => T): T {
    this.#begin()
    return this.#withRoom(() => this.#memory.transact(() => work(this.#keyspace.open([key]))))
  }

  #withRoom<T>(work: () => T): T {
    try {
      return work()
    } catch (reason) {
      return this.#again(reason, work)
    }
  }

  /** Does something once more that has found the memory full, after removing what has ended. */
  #again<T>(reason: unknown, work: () => T): T {
    if (reason !== FULL) throw reason
    try {
      sweep(this.#memory, SWEEP_BUCKETS)
      return work()
    } catch (again) {
      throw again === FULL ? full() : again
    }
  }

  #begin(): void {
    this.#keyspace.beginDecision()
    const decider = this.#decider
    // A transaction that begins again draws another one.
    if (decider.incarnation + INCARNATIONS / 2 < this.#incarnationsEnd) return
    const block = Atomics.add(this.#memory.map.ints, INCARNATION_BLOCK, 1)
    decider.incarnation = block * INCARNATIONS
    this.#incarnationsEnd = decider.incarnation + INCARNATIONS
  }
}

function full(): HeadgateError {
  const message = 'the memory that threads share is full: give sharedMemoryStore a larger maxKeys'
  return new HeadgateError('store-unavailable', message)
}
