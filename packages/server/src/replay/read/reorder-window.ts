import type { PlayedRequest } from '../played-request.ts'

/** A request is held back for this long, by the times of the log: servers write a line at the end of a request, which may be late. */
const REORDER_US = 5_000_000
/** No more are held back than these. */
const HELD_MAX = 100_000
/** Nor more characters of their attributes. */
const HELD_LENGTH_MAX = 64 * 1024 * 1024
/** From here on what was given out is cut off. */
const CUT_AT = 4096

/** Puts requests in the order of their times, as far as they are close to it. */
export class ReorderWindow {
  readonly #windowUs: number
  readonly #heldMax: number
  readonly #lengthMax: number
  /** Up to `#first` they were given out, and are no longer there. */
  #held: (PlayedRequest | undefined)[] = []
  #first = 0
  /** Characters of the attributes of those that are held. */
  #length = 0
  #newestUs = Number.NEGATIVE_INFINITY
  #givenUs = Number.NEGATIVE_INFINITY
  /** Requests that came too late, and are played at the time of the one before them. */
  late = 0

  constructor(
    windowUs: number = REORDER_US,
    heldMax: number = HELD_MAX,
    lengthMax: number = HELD_LENGTH_MAX,
  ) {
    this.#windowUs = windowUs
    this.#heldMax = heldMax
    this.#lengthMax = lengthMax
  }

  add(given: PlayedRequest): void {
    const isLate = given.atUs < this.#givenUs
    const request = isLate ? { ...given, atUs: this.#givenUs } : given
    if (isLate) this.late++
    this.#length += lengthOf(request)
    const { atUs } = request
    if (atUs >= this.#newestUs) {
      this.#newestUs = atUs
      this.#held.push(request)
      return
    }
    let place = this.#held.length
    while (place > this.#first && (this.#held[place - 1] as PlayedRequest).atUs > atUs) place--
    this.#held.splice(place, 0, request)
  }

  /** The next request that is not to be held any longer. */
  take(): PlayedRequest | undefined {
    const request = this.#held[this.#first]
    if (request === undefined) return undefined
    const isDue = request.atUs <= this.#newestUs - this.#windowUs
    const isTooMuch = this.#held.length - this.#first > this.#heldMax || this.#length > this.#lengthMax
    return isDue || isTooMuch ? this.#give(request) : undefined
  }

  /** The next request, where no more are added. */
  takeLast(): PlayedRequest | undefined {
    const request = this.#held[this.#first]
    return request === undefined ? undefined : this.#give(request)
  }

  #give(request: PlayedRequest): PlayedRequest {
    this.#givenUs = request.atUs
    this.#length -= lengthOf(request)
    // What was played is garbage at once, before it grows old.
    this.#held[this.#first++] = undefined
    if (this.#first >= CUT_AT && this.#first * 2 >= this.#held.length) {
      this.#held = this.#held.slice(this.#first)
      this.#first = 0
    }
    return request
  }
}

function lengthOf({ who }: PlayedRequest): number {
  let length = 0
  for (const name in who) length += (who[name] as string).length
  return length
}
