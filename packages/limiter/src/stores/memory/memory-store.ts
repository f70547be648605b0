import type { Claim, Claimed } from '../../core/claiming-store.ts'
import type { Clock } from '../../core/clock.ts'
import type { DocumentPut, DocumentRead } from '../../core/document-store.ts'
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
import { ClaimLedger } from './claim-ledger.ts'
import { DocumentLedger } from './document-ledger.ts'
import { Layouts } from './layouts.ts'
import type { MemoryStats, MemoryStore } from './memory-store-options.ts'
import type { RecordCursor } from './record-cursor.ts'
import { RefundLedger } from './refund-ledger.ts'
import { SecretLedger } from './secret-ledger.ts'
import { type Restored, snapshotOf } from './snapshot.ts'
import { TableKeyspace } from './table-keyspace.ts'

/** The store in the memory of this process; see `memoryStore`. */
export class TypedArrayStore implements MemoryStore, ClearableStore {
  readonly clock: Clock
  readonly #maxKeys: number
  #layouts: Layouts
  #keyspace: TableKeyspace
  #decider: RecordDecider<RecordCursor>
  #refunded: RefundLedger
  #claims: ClaimLedger
  #secrets: SecretLedger
  #documents: DocumentLedger

  constructor(maxKeys: number, clock: Clock, { layouts, keys, incarnations, ...kept }: Restored) {
    this.clock = clock
    this.#maxKeys = maxKeys
    this.#layouts = layouts
    this.#keyspace = new TableKeyspace(maxKeys, layouts, keys)
    // Above any number that a process before this one drew, also one whose snapshot there is not: of those it is the time.
    const now = clock.now()
    this.#decider = new RecordDecider(this.#keyspace, Math.max(incarnations, now - (now % 2)))
    this.#refunded = new RefundLedger(kept.refunds)
    this.#claims = new ClaimLedger(kept.claims)
    this.#secrets = new SecretLedger(kept.secrets)
    this.#documents = new DocumentLedger(kept.documents)
  }

  decideSync(verb: Verb, requests: readonly BudgetRequest[]): Verdicts {
    return this.#decider.decide(verb, requests, this.clock.now())
  }

  refundSync(refunds: readonly Refund[]): readonly number[] {
    const now = this.clock.now()
    return refunds.map((refund) => this.#decider.refund(refund, this.#refunded, now))
  }

  resetSync(keys: readonly BudgetKey[]): void {
    for (const key of keys) this.#keyspace.forget(key)
  }

  blockSync(keys: readonly BudgetKey[], lengthUs: number): void {
    const now = this.clock.now()
    for (const key of keys) this.#decider.block(key, lengthUs, now)
  }

  async decide(verb: Verb, requests: readonly BudgetRequest[]): Promise<Verdicts> {
    return copyOf(this.decideSync(verb, requests), requests)
  }

  async acquire(request: BudgetRequest, min: number): Promise<Grant> {
    return this.#decider.acquire(request, min, this.clock.now())
  }

  async refund(refunds: readonly Refund[]): Promise<readonly number[]> {
    return this.refundSync(refunds)
  }

  async reset(keys: readonly BudgetKey[]): Promise<void> {
    this.resetSync(keys)
  }

  async claim(claim: Claim): Promise<Claimed> {
    return this.#claims.take(claim, this.clock.now())
  }

  async unclaim(id: string): Promise<void> {
    this.#claims.giveUp(id)
  }

  async block(keys: readonly BudgetKey[], lengthUs: number): Promise<void> {
    this.blockSync(keys, lengthUs)
  }

  async clear(): Promise<void> {
    this.#layouts = new Layouts(this.#layouts.seed)
    this.#keyspace = new TableKeyspace(this.#maxKeys, this.#layouts, 0)
    this.#decider = new RecordDecider(this.#keyspace, this.#decider.incarnation)
    this.#refunded = new RefundLedger()
    this.#claims = new ClaimLedger()
    this.#secrets = new SecretLedger()
    this.#documents = new DocumentLedger()
  }

  async close(): Promise<void> {}

  stats(): MemoryStats {
    return { keys: this.#keyspace.keys, overflowed: this.#keyspace.overflowed }
  }

  async secrets(offer: SecretOffer): Promise<readonly string[]> {
    return this.#secrets.offer(offer, this.clock.now())
  }

  async readDocument(name: string, known: string | null): Promise<DocumentRead> {
    return this.#documents.read(name, known)
  }

  async putDocument(name: string, put: DocumentPut): Promise<boolean> {
    return this.#documents.put(name, put)
  }

  snapshot(): Uint8Array {
    const now = this.clock.now()
    const [layouts, incarnations] = [this.#layouts, this.#decider.incarnation]
    const [refunds, claims] = [this.#refunded.entries(now), this.#claims.entries(now)]
    const [secrets, documents] = [this.#secrets.entries, this.#documents.entries]
    return snapshotOf({ layouts, incarnations, refunds, claims, secrets, documents }, now)
  }
}
