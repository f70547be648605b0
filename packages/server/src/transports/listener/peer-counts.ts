import { compileAddressKey } from 'headgate/http'

/** How many connections each peer has: it knows those that have one, and nobody else. */
export class PeerCounts {
  readonly #max: number
  readonly #open = new Map<string, number>()
  readonly #keyOf = compileAddressKey()

  /** `max` of each. */
  constructor(max: number) {
    this.#max = max
  }

  /** How many peers have a connection. */
  get size(): number {
    return this.#open.size
  }

  /** Counts a connection of an address; returns what ends that, or null where it would be one too many. */
  enter(address: string): (() => void) | null {
    const key = this.#keyOf(address)
    const open = this.#open.get(key) ?? 0
    if (open >= this.#max) return null
    this.#open.set(key, open + 1)
    return () => this.#leave(key)
  }

  #leave(key: string): void {
    const open = (this.#open.get(key) ?? 1) - 1
    if (open === 0) this.#open.delete(key)
    else this.#open.set(key, open)
  }
}
