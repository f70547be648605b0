import { HeadgateError } from '../../core/errors.ts'
import { ChunkPool } from './chunk-pool.ts'
import type { CLAIMS, KEYS, MemoryMap, OVERFLOWED, REFUNDS } from './memory-map.ts'
import { Ownership, RESTART } from './ownership.ts'
import { Records } from './records.ts'
import type { ThreadTime } from './thread-time.ts'

/** Counts of the memory that transactions change. */
export type Count = typeof KEYS | typeof REFUNDS | typeof CLAIMS | typeof OVERFLOWED

/** How often a transaction begins again before it is given up: each time another thread has got on. */
const ATTEMPTS_MAX = 10_000

/** The memory as one thread sees it, and the transaction that this thread is in: there is one at a time. */
export class ThreadMemory {
  readonly map: MemoryMap
  readonly ownership: Ownership
  readonly records: Records
  readonly time: ThreadTime
  readonly #pool: ChunkPool
  /** What has to be done, by transactions of its own, before the one under way can begin again. */
  #needed: (() => void) | null = null
  #isClosed = false
  #added: Count[] = []
  #removed: Count[] = []

  constructor(map: MemoryMap, thread: number, time: ThreadTime) {
    this.map = map
    this.time = time
    this.ownership = new Ownership(map, thread)
    this.#pool = new ChunkPool(map, thread)
    this.records = new Records(map, this.ownership, this.#pool)
  }

  /** Does `work` with what it owns all at once, or not at all: until nobody has put this thread off, or it throws. */
  transact<T>(work: () => T): T {
    // Another store may have its place by now.
    if (this.#isClosed) throw new HeadgateError('closed', 'this store was closed; attach another one')
    for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
      try {
        this.ownership.begin()
        const result = work()
        if (this.#commit()) return result
      } catch (reason) {
        const wasValid = this.#undo()
        // What others were changing meanwhile is no reason to fail.
        if (reason !== RESTART && wasValid) throw reason
        this.#settle()
      }
    }
    throw new HeadgateError('store-unavailable', 'other threads change these keys all the time; try again')
  }

  /** Does nothing any more; whether it did before. */
  close(): boolean {
    const wasOpen = !this.#isClosed
    this.#isClosed = true
    return wasOpen
  }

  /** Begins the transaction under way again, once `action` is done. */
  need(action: () => void): never {
    this.#needed = action
    throw RESTART
  }

  /**
   * Counts one more, if there is room below `max`; not if this transaction turns out not to be valid. A thread that ends in the middle
   * of it leaves the count one too high.
   */
  add(count: Count, max: number): boolean {
    const { ints } = this.map
    if (Atomics.add(ints, count, 1) < max) {
      this.#added.push(count)
      return true
    }
    Atomics.sub(ints, count, 1)
    return false
  }

  /** Counts one less, once this transaction is valid. */
  remove(count: Count): void {
    this.#removed.push(count)
  }

  /** Whether so much memory is in use that new keys should get no record of their own. */
  get isNearlyFull(): boolean {
    return this.#pool.isNearlyFull
  }

  get usedBytes(): number {
    return this.#pool.usedBytes
  }

  #commit(): boolean {
    if (!this.ownership.commit()) {
      this.#undo()
      return false
    }
    this.#pool.commit()
    if (this.#added.length > 0) this.#added.length = 0
    if (this.#removed.length > 0) this.#subtract(this.#removed)
    return true
  }

  /** Takes back what was done; false where this thread was put off. */
  #undo(): boolean {
    const wasValid = this.ownership.abort()
    this.#pool.abort()
    this.#removed.length = 0
    this.#subtract(this.#added)
    return wasValid
  }

  #settle(): void {
    const needed = this.#needed
    this.#needed = null
    needed?.()
  }

  #subtract(counts: Count[]): void {
    for (const count of counts) Atomics.sub(this.map.ints, count, 1)
    counts.length = 0
  }
}
