import type { ClaimingStore } from '../../core/claiming-store.ts'
import type { Clock } from '../../core/clock.ts'
import type { DocumentStore } from '../../core/document-store.ts'
import type { SecretStore } from '../../core/secret-store.ts'
import type { LeasingStore, SyncStore } from '../../core/store.ts'

interface SharedClock {
  /**
   * The clock that decisions are judged by.
   * @default the system's wall clock, made non-decreasing, one for all threads
   */
  readonly clock?: Clock
}

/** Options of `sharedMemoryStore` in the thread that makes the memory. */
export interface SharedMemoryOptions extends SharedClock {
  /**
   * Most keys with a record of their own, 1 to 2^24. Beyond it new keys share overflow records, each under the rule's own limits: no
   * key gets more than its budget, but new keys may be denied falsely. The memory for all of them is reserved at once, 390 bytes a
   * key, and takes room as it is used: 132 bytes for a key of one rule, 260 for one of two or three. Keys with much longer records, such as
   * logs of hundreds of spends, use up the memory before: then new ones share as well, and once it is full those that grow are refused.
   * As many refunds, and as many settlements, are remembered as there may be keys: from 8,192 to 100,000.
   * @default 1000000
   */
  readonly maxKeys?: number
}

/** Options of `sharedMemoryStore` in every other thread. */
export interface AttachOptions extends SharedClock {
  /** The `memory` of a store in another thread of this process. */
  readonly attach: SharedArrayBuffer
}

/** Figures of memory that threads share, over all of them. */
export interface SharedMemoryStats {
  /** Keys with a record of their own, including recovered ones that were not swept yet. */
  readonly keys: number
  /** Writes to shared overflow records, which happen while the store holds `maxKeys` keys; from 2^32 on it begins at 0 again. */
  readonly overflowed: number
  /** Bytes in use of {@link SharedMemoryStore.memory}: records of keys, refunds and settlements, and what threads hold ready. */
  readonly usedBytes: number
}

/** A store in memory that the threads of this process share. */
export interface SharedMemoryStore
  extends SyncStore,
    LeasingStore,
    ClaimingStore,
    SecretStore,
    DocumentStore {
  /** The memory, for `sharedMemoryStore({ attach })` in other threads: `new Worker(file, { workerData: store.memory })`. */
  readonly memory: SharedArrayBuffer
  stats(): SharedMemoryStats
  /** Gives back this thread's place; the memory lives on in other threads. The store is not to be used any more. */
  close(): Promise<void>
}
