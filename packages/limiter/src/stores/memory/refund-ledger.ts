import { endOf, type Refund } from '../../core/store.ts'

interface Fingerprint {
  readonly low: number
  readonly high: number
}

/** Most refunds remembered; past it refunds are refused until older ones expire, so that none is given twice. */
const CAP = 100_000

/** Remembers which spends were taken back, each until nothing is left of it to take back. */
export class RefundLedger {
  readonly #until = new Map<string, number>()

  /** Whether a spend may be taken back: it was not yet, and that could be remembered. Told apart by key: a spend on several has one id. */
  isOpen(refund: Refund, key: Fingerprint, now: number): boolean {
    if (endOf(refund) <= now) return false
    if (this.#until.size >= CAP) this.#expire(now)
    return this.#until.size < CAP && !this.#until.has(nameOf(refund, key))
  }

  /** Notes that a spend was taken back, for as long as that could be asked for again. */
  note(refund: Refund, key: Fingerprint): void {
    this.#until.set(nameOf(refund, key), endOf(refund))
  }

  #expire(now: number): void {
    for (const [id, until] of this.#until) if (until <= now) this.#until.delete(id)
  }
}

function nameOf({ id }: Refund, { low, high }: Fingerprint): string {
  return `${id} ${low} ${high}`
}
