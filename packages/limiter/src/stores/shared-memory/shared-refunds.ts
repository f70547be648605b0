import { type Refund, refundExpiryUs } from '../../core/store.ts'
import { nameOfRefund, type RefundBook } from '../local/refund-book.ts'
import type { WorkingCopy } from '../local/working-copy.ts'
import { fingerprintOf, KeptRecord, REFUND } from './kept-records.ts'
import { REFUNDS } from './memory-map.ts'
import { secondAfter } from './packed-state.ts'
import { sweep } from './sweep.ts'
import type { ThreadMemory } from './thread-memory.ts'

const SWEEP_BUCKETS = 1024

/**
 * The refunds of all threads, each a record: made in the transaction that gives the units back. Past as many as are remembered, refunds are
 * refused until older ones expire, so that none is made twice.
 */
export class SharedRefunds implements RefundBook {
  readonly #memory: ThreadMemory
  #hasSwept = false

  constructor(memory: ThreadMemory) {
    this.#memory = memory
  }

  /** For another refund. */
  beginRefund(): void {
    this.#hasSwept = false
  }

  allows(refund: Refund, key: Pick<WorkingCopy, 'low' | 'high'>, now: number): boolean {
    if (refundExpiryUs(refund) <= now || this.#recordOf(refund, key).numbers !== null) return false
    if (this.#hasRoom) return true
    if (this.#hasSwept) return false
    this.#hasSwept = true
    return this.#memory.need(() => sweep(this.#memory, SWEEP_BUCKETS))
  }

  add(refund: Refund, key: Pick<WorkingCopy, 'low' | 'high'>): void {
    this.#memory.add(REFUNDS, Number.POSITIVE_INFINITY)
    this.#recordOf(refund, key).write(new Float64Array(1), secondAfter(refundExpiryUs(refund)))
  }

  /** What is left of a nearly full memory is for decisions. */
  get #hasRoom(): boolean {
    const { map, isNearlyFull } = this.#memory
    return !isNearlyFull && Atomics.load(map.ints, REFUNDS) < map.remembered
  }

  #recordOf(refund: Refund, key: Pick<WorkingCopy, 'low' | 'high'>): KeptRecord {
    const memory = this.#memory
    return new KeptRecord(memory, REFUND, fingerprintOf(memory, REFUND, nameOfRefund(refund, key)))
  }
}
