/** Places of which so many may be taken at a time, such as those of waiting calls. */
export interface Places {
  /** Takes one; answers what gives it back, or null where none is left. */
  take(): (() => void) | null
  /** How many are taken. */
  readonly taken: number
}

/** Counts by key, each up to a bound; it knows keys with a count above 0, and no others. */
export interface Tally {
  /** Adds one to a key; answers what takes it off again, or null where it would be more than `max`. */
  take(key: string, max: number): (() => void) | null
}

/** Places of one thread. */
export class LocalPlaces implements Places {
  readonly #max: number
  #taken = 0

  constructor(max: number) {
    this.#max = max
  }

  get taken(): number {
    return this.#taken
  }

  take(): (() => void) | null {
    if (this.#taken >= this.#max) return null
    this.#taken++
    return () => void this.#taken--
  }
}

/** Counts of one thread. */
export class LocalTally implements Tally {
  readonly #counts = new Map<string, number>()

  /** How many keys have a count. */
  get size(): number {
    return this.#counts.size
  }

  take(key: string, max: number): (() => void) | null {
    const count = this.#counts.get(key) ?? 0
    if (count >= max) return null
    this.#counts.set(key, count + 1)
    return () => this.#leave(key)
  }

  #leave(key: string): void {
    const count = (this.#counts.get(key) ?? 1) - 1
    if (count === 0) this.#counts.delete(key)
    else this.#counts.set(key, count)
  }
}
