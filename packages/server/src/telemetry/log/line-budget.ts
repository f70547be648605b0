const SECOND_MS = 1000

/** Places in the memory of a budget: when its second began, in milliseconds modulo 2³², and how many lines passed in it. */
const SINCE = 0
const PASSED = 1

/** How much memory a budget takes that threads share. */
export const LINE_BUDGET_BYTES = 2 * Int32Array.BYTES_PER_ELEMENT

/** Lets so many lines pass in a second, and counts those that it does not. */
export class LineBudget {
  readonly #now: () => number
  readonly #memory: Int32Array
  #withheld = 0

  /**
   * By a clock in milliseconds, which is one for all threads where they share the memory. What these let pass is counted together, but
   * for a line or two at the turn of a second; what is withheld each tells of itself.
   */
  constructor(now: () => number = sinceEpoch, memory: SharedArrayBuffer | null = null) {
    this.#now = now
    this.#memory = new Int32Array(memory ?? new ArrayBuffer(LINE_BUDGET_BYTES))
    if (memory === null) this.#memory[SINCE] = now() - SECOND_MS
  }

  /** How many were withheld since the last one that passed; null where this one is withheld too. */
  take(perSecond: number): number | null {
    this.#renew()
    if (Atomics.add(this.#memory, PASSED, 1) >= perSecond) {
      this.#withheld++
      return null
    }
    const withheld = this.#withheld
    this.#withheld = 0
    return withheld
  }

  #renew(): void {
    const now = this.#now() | 0
    const since = Atomics.load(this.#memory, SINCE)
    // Another thread's clock may be behind by less than that.
    if (Math.abs((now - since) | 0) < SECOND_MS) return
    if (Atomics.compareExchange(this.#memory, SINCE, since, now) === since) {
      Atomics.store(this.#memory, PASSED, 0)
    }
  }
}

function sinceEpoch(): number {
  return performance.timeOrigin + performance.now()
}
