import type { Refund } from '../../core/store.ts'

interface Fingerprint {
  readonly low: number
  readonly high: number
}

/** Most refunds remembered; past it refunds are refused until older ones expire, so that none is given twice. */
const CAP = 100_000

/** Remembers which spends were taken back, each until nothing is left of it to take back. */
export class RefundLedger {
  readonly #until = new Map<string, number>()

  /**
   * Notes a refund under the fingerprint of its key, since a spend on several keys has one id; false when it was
   * given before, or when too many are remembered.
   */
  add(
    { id, marks, endsAtUs = Number.POSITIVE_INFINITY }: Refund,
    { low, high }: Fingerprint,
    now: number,
  ): boolean {
    const name = `${id} ${low} ${high}`
    const until = Math.min(endsAtUs, Math.max(0, ...marks.map((mark) => mark?.recoveredAtUs ?? 0)))
    if (this.#until.size >= CAP) this.#expire(now)
    if (until <= now || this.#until.has(name) || this.#until.size >= CAP) return false
    this.#until.set(name, until)
    return true
  }

  #expire(now: number): void {
    for (const [id, until] of this.#until) if (until <= now) this.#until.delete(id)
  }
}
