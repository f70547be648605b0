import { type Refund, refundExpiryUs } from '../../core/store.ts'

interface Fingerprint {
  readonly low: number
  readonly high: number
}

/** Most refunds remembered. Past it refunds are refused until older ones expire, so that none is made twice. */
const REFUNDS_MAX = 100_000

/** A refund, and when it may be forgotten. */
export type LedgerEntry = readonly [name: string, expiryUs: number]

/** Remembers which spends were refunded, so that each is refunded at most once. */
export class RefundLedger {
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

  /** Whether a spend may be refunded: it was not before, is not too old, and there is room to remember it. */
  allows(refund: Refund, key: Fingerprint, now: number): boolean {
    if (refundExpiryUs(refund) <= now) return false
    if (this.#expiries.size >= REFUNDS_MAX) this.#expire(now)
    return this.#expiries.size < REFUNDS_MAX && !this.#expiries.has(nameOf(refund, key))
  }

  /** Remembers a refund until it would be refused as too old. */
  add(refund: Refund, key: Fingerprint): void {
    this.#expiries.set(nameOf(refund, key), refundExpiryUs(refund))
  }

  #expire(now: number): void {
    for (const [name, expiry] of this.#expiries) if (expiry <= now) this.#expiries.delete(name)
  }
}

/** Includes the key: one spend id is used for several keys of a decision. */
function nameOf({ id }: Refund, { low, high }: Fingerprint): string {
  return `${id} ${low} ${high}`
}
