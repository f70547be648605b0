/** What was sampled, each of which stands for `oneIn` things. */
export interface Samples<T> {
  readonly items: readonly T[]
  readonly oneIn: number
  /** How many things there were. */
  readonly seen: number
}

/**
 * Samples a stream at random into a buffer: everything while little comes; whenever the buffer is full, half of it is given up
 * and from then on half as much is taken, so that what is left stands evenly for all. Costs one that is not taken a decrement.
 */
export class Sampler<T> {
  readonly #capacity: number
  readonly #random: () => number
  #items: T[] = []
  #oneIn = 1
  #seen = 0
  /** How many of the next are not taken. */
  #skip = 0

  /** `random` is from 0 up to 1. */
  constructor(capacity: number, random: () => number = Math.random) {
    this.#capacity = capacity
    this.#random = random
  }

  /** Whether the next one is wanted. */
  wants(): boolean {
    this.#seen++
    if (this.#skip > 0) {
      this.#skip--
      return false
    }
    this.#skip = this.#nextSkip()
    return true
  }

  push(item: T): void {
    this.#items.push(item)
    if (this.#items.length < this.#capacity) return
    this.#items = this.#items.filter(() => this.#random() < 0.5)
    this.#oneIn *= 2
    this.#skip = this.#nextSkip()
  }

  /** What was sampled since; the next samples are more of all where these were few. */
  take(): Samples<T> {
    const taken = { items: this.#items, oneIn: this.#oneIn, seen: this.#seen }
    if (this.#items.length < this.#capacity / 4 && this.#oneIn > 1) {
      this.#oneIn /= 2
      this.#skip = this.#nextSkip()
    }
    this.#items = []
    this.#seen = 0
    return taken
  }

  /** Geometric, so that each is taken with the same chance whatever came before: every nth would miss what comes in turns. */
  #nextSkip(): number {
    if (this.#oneIn === 1) return 0
    return Math.floor(Math.log(1 - this.#random()) / Math.log(1 - 1 / this.#oneIn))
  }
}
