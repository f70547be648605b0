import { compileAddressKey } from 'headgate/http'
import { LocalTally, type Tally } from '../service/tally.ts'

/** How many connections each peer has: an address, or a network of IPv6. */
export class PeerCounts {
  readonly #max: number
  readonly #tally: Tally
  readonly #keyOf = compileAddressKey()

  /** `max` of each. */
  constructor(max: number, tally: Tally = new LocalTally()) {
    this.#max = max
    this.#tally = tally
  }

  /** Counts a connection of an address; returns what ends that, or null where it would be one too many. */
  enter(address: string): (() => void) | null {
    return this.#tally.take(this.#keyOf(address), this.#max)
  }
}
