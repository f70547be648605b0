const SECOND_MS = 1000

/** Lets so many lines pass in a second, and counts those that it does not. */
export class LineBudget {
  readonly #now: () => number
  #sinceMs = Number.NEGATIVE_INFINITY
  #passed = 0
  #withheld = 0

  /** By a clock in milliseconds. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now
  }

  /** How many were withheld since the last one that passed; null where this one is withheld too. */
  take(perSecond: number): number | null {
    const now = this.#now()
    if (now - this.#sinceMs >= SECOND_MS) {
      this.#sinceMs = now
      this.#passed = 0
    }
    if (this.#passed >= perSecond) {
      this.#withheld++
      return null
    }
    this.#passed++
    const withheld = this.#withheld
    this.#withheld = 0
    return withheld
  }
}
