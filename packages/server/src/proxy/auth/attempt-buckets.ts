import { hash, randomBytes } from 'node:crypto'

/** How many wrong passwords there may be at once, and how long it takes until there may be another one. */
const BURST = 10
const INTERVAL_MS = 6000

const SLOTS = 65_536

/**
 * Wrong passwords by user or by address: 10 at once, then one in 6 s. Takes 512 KiB whatever is counted: those whose keyed hashes have
 * 16 bits in common share a bucket, and nobody outside knows who does.
 */
export class AttemptBuckets {
  /** When a bucket will be full again, in milliseconds of the clock: GCRA. */
  readonly #fullAt = new Float64Array(SLOTS)
  /** In front of what is hashed: that takes a tenth of the time of an HMAC, and nobody sees what comes of it. */
  readonly #secret = randomBytes(32).toString('hex')
  readonly #now: () => number

  /** `now` is in milliseconds, and only goes forward. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now
  }

  /** Which bucket a user or an address has. */
  slotOf(text: string): number {
    return hash('sha256', this.#secret + text, 'buffer').readUInt16BE(0)
  }

  /** Milliseconds until there may be another attempt; 0: now. */
  waitMs(slot: number): number {
    return Math.max(0, this.#debtMs(slot) - (BURST - 1) * INTERVAL_MS)
  }

  /** Counts an attempt, before anybody knows whether it is right. */
  spend(slot: number): void {
    this.#fullAt[slot] = this.#now() + this.#debtMs(slot) + INTERVAL_MS
  }

  /** Gives back what an attempt has cost, as it was right or was not looked at. */
  refund(slot: number): void {
    this.#fullAt[slot] = (this.#fullAt[slot] as number) - INTERVAL_MS
  }

  #debtMs(slot: number): number {
    return Math.max(0, (this.#fullAt[slot] as number) - this.#now())
  }
}
