/** What a client may spend before it is sent away, and what it has back a second. */
const POINTS_MAX = 2000
const POINTS_PER_SECOND = 200

/** What frames cost that ask for work without bringing a request nearer to its end. */
export const COST = {
  /** A frame that changes little: PING, PRIORITY, WINDOW_UPDATE, empty DATA, unknown types, frames of closed streams. */
  frame: 1,
  /** A stream beyond the most, of a client that knows how many these are. */
  refusal: 2,
  /** A request that was given up as soon as it was made: a "rapid reset". */
  giveUp: 4,
  /** Settings, after which streams are looked at. */
  settings: 8,
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

/** Points of a connection: refilled by time and by what it is answered, never beyond the most, so that none are saved for a flood. */
export class PointBudget {
  #points = POINTS_MAX

  /** False where there was not enough: then it is empty. */
  spend(points: number): boolean {
    this.#points -= points
    return this.#points >= 0
  }

  earn(points: number): void {
    this.#points = Math.min(this.#points + points, POINTS_MAX)
  }

  /** A second has passed. */
  refill(): void {
    this.earn(POINTS_PER_SECOND)
  }
}
