import type { CustomAlgorithm } from '../../core/algorithm.ts'
import type { ClaimingStore } from '../../core/claiming-store.ts'
import type { Clock } from '../../core/clock.ts'
import type { DocumentStore } from '../../core/document-store.ts'
import type { SecretStore } from '../../core/secret-store.ts'
import type { LeasingStore, SyncStore } from '../../core/store.ts'

/** Options of `memoryStore`. */
export interface MemoryStoreOptions {
  /**
   * Most keys with a record of their own. Beyond it new keys share overflow records, each under the rule's own limits:
   * no key gets more than its budget, but new keys may be denied falsely.
   * @default 1000000, about 65 MB with one bucket rule
   */
  readonly maxKeys?: number
  /**
   * The clock that decisions are judged by.
   * @default the system's wall clock, made non-decreasing
   */
  readonly clock?: Clock
  /**
   * What `snapshot` of another store returned: this one goes on where that one stood, by time as well. Bytes that are none are
   * an `invalid-snapshot` error.
   * @default the store begins empty
   */
  readonly snapshot?: Uint8Array
  /**
   * Custom algorithms whose state the snapshot may hold; state of others is left out.
   * @default none
   */
  readonly algorithms?: readonly CustomAlgorithm[]
}

/** Figures of a memory store. */
export interface MemoryStats {
  /** Keys with a record of their own, including recovered ones that were not swept yet. */
  readonly keys: number
  /** Writes to shared overflow records, which happen while the store holds `maxKeys` keys. */
  readonly overflowed: number
}

/** A store in the memory of this process. */
export interface MemoryStore extends SyncStore, LeasingStore, ClaimingStore, SecretStore, DocumentStore {
  stats(): MemoryStats
  /**
   * All that it holds and has not recovered yet, for the `snapshot` of a store that begins later, in another process: 48 bytes a
   * key for one bucket rule. It has no keys in it, only their hashes; the clocks of both stores have to tell the same time.
   */
  snapshot(): Uint8Array
}
