/** Octets of requests and answers under way, by the address whose connections they are held for. */
export class HeldOctets {
  readonly #max: number
  readonly #held = new Map<string, number>()

  /** `max` of one address. */
  constructor(max: number) {
    this.#max = max
  }

  /** Counts more, or less, of a key; answers whether it has no more than it may. What is too much is counted as well. */
  change(key: string, by: number): boolean {
    const held = (this.#held.get(key) ?? 0) + by
    if (held > 0) this.#held.set(key, held)
    else this.#held.delete(key)
    return held <= this.#max
  }

  /** How many addresses have any. */
  get size(): number {
    return this.#held.size
  }
}
