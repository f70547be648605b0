/** What a client may spend before it is sent away, and what it has back a second. */
const POINTS_MAX = 2000
const POINTS_PER_SECOND = 200

/** What frames cost that ask for work without bringing a request nearer to its end. */
export const COST = {
  /** A frame that changes little: PING, PRIORITY, WINDOW_UPDATE, empty DATA, unknown types, frames of closed streams. */
  frame: 1,
  /** A stream beyond the most, of a client that knows how many these are. */
  refusal: 2,
  /** A request that was given up as soon as it was made, as it seems to us: a "rapid reset". */
  giveUp: 4,
  /** Settings, and each of them: streams are looked at for it. */
  settings: 8,
  setting: 1,
  /** A mistake after which we have to reset a stream: a "made you reset". */
  mistake: 8,
} as const

/** What an honest client earns, so that one that gets much may also tell much. */
export const GAIN = {
  answer: 4,
  /** A part of an answer that comes in parts: clients estimate the round trip by a PING for each. */
  part: 2,
  kibibyte: 1,
} as const

/**
 * So often a second a client may do for nothing what is done in vain only as it seems to us. After a stall of ours we read requests
 * together with what became of them meanwhile: 128 streams whose client waits 20 ms for each are given up 6400 times in a second.
 * To a flood that brings less than it has by waiting 5 ms before each reset.
 */
const FORGIVEN_PER_SECOND = 6400

/** Points of a connection: refilled by time and by what it is answered, never beyond the most, so that none are saved for a flood. */
export class PointBudget {
  #points = POINTS_MAX
  /** None at first: a client that has just come has nothing that a stall could have made look bad. */
  #forgivable = 0

  /** False where there was not enough: then it is empty. */
  spend(points: number): boolean {
    this.#points -= points
    return this.#points >= 0
  }

  /** The same, for what an honest client may have done. */
  spendUnlessForgiven(points: number): boolean {
    if (this.#forgivable === 0) return this.spend(points)
    this.#forgivable -= 1
    return true
  }

  earn(points: number): void {
    this.#points = Math.min(this.#points + points, POINTS_MAX)
  }

  /** A second has passed. */
  refill(): void {
    this.earn(POINTS_PER_SECOND)
    this.#forgivable = FORGIVEN_PER_SECOND
  }
}
