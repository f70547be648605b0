import { type Refund, refundExpiryUs } from '../../core/store.ts'
import { nameOfRefund, type RefundBook } from '../local/refund-book.ts'
import type { WorkingCopy } from '../local/working-copy.ts'

/** Most refunds remembered. Past it refunds are refused until older ones expire, so that none is made twice. */
const REFUNDS_MAX = 100_000

/** A refund, and when it may be forgotten. */
export type LedgerEntry = readonly [name: string, expiryUs: number]

/** The refunds of a store in one thread. */
export class RefundLedger implements RefundBook {
  readonly #expiries: Map<string, number>

  /** With what {@link entries} of another one had. */
  constructor(entries: readonly LedgerEntry[] = []) {
    this.#expiries = new Map(entries)
  }

  /** What it remembers. */
  entries(now: number): readonly LedgerEntry[] {
    this.#expire(now)
    return [...this.#expiries]
  }

  allows(refund: Refund, key: Pick<WorkingCopy, 'low' | 'high'>, now: number): boolean {
    if (refundExpiryUs(refund) <= now) return false
    if (this.#expiries.size >= REFUNDS_MAX) this.#expire(now)
    return this.#expiries.size < REFUNDS_MAX && !this.#expiries.has(nameOfRefund(refund, key))
  }

  add(refund: Refund, key: Pick<WorkingCopy, 'low' | 'high'>): void {
    this.#expiries.set(nameOfRefund(refund, key), refundExpiryUs(refund))
  }

  #expire(now: number): void {
    for (const [name, expiry] of this.#expiries) if (expiry <= now) this.#expiries.delete(name)
  }
}
