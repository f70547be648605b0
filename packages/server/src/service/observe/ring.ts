/** The last things of many: what is pushed when it is full takes the place of the oldest. */
export class Ring<T> {
  readonly #capacity: number
  readonly #items: T[] = []
  /** Where the oldest stands once it is full. */
  #next = 0

  constructor(capacity: number) {
    this.#capacity = capacity
  }

  push(item: T): void {
    this.#items[this.#next] = item
    this.#next = (this.#next + 1) % this.#capacity
  }

  oldestFirst(): T[] {
    if (this.#items.length < this.#capacity) return [...this.#items]
    return [...this.#items.slice(this.#next), ...this.#items.slice(0, this.#next)]
  }

  newestFirst(): T[] {
    return this.oldestFirst().reverse()
  }

  /** All of them, oldest first, which are then no longer here. */
  take(): T[] {
    const taken = this.oldestFirst()
    this.#items.length = 0
    this.#next = 0
    return taken
  }
}
