import type { Clock } from 'headgate'

/** Retries for each request. */
const SHARE = 0.2
/** Retries a second that there may be besides. */
const FLOOR_PER_SECOND = 1
const TOKENS_MAX = 10

/**
 * How many requests may be sent once more: one of five of the last ones, and one a second, so that an upstream that fails does not
 * get twice the load.
 */
export class RetryBudget {
  readonly #clock: Clock
  #tokens = TOKENS_MAX
  #lastUs: number

  constructor(clock: Clock) {
    this.#clock = clock
    this.#lastUs = clock.now()
  }

  /** A request was sent for the first time. */
  earn(): void {
    if (this.#tokens < TOKENS_MAX) this.#tokens = Math.min(TOKENS_MAX, this.#tokens + SHARE)
  }

  /** Whether one may be sent once more, which is then used up. */
  take(): boolean {
    const nowUs = this.#clock.now()
    const earned = (Math.max(0, nowUs - this.#lastUs) / 1_000_000) * FLOOR_PER_SECOND
    this.#lastUs = nowUs
    this.#tokens = Math.min(TOKENS_MAX, this.#tokens + earned)
    if (this.#tokens < 1) return false
    this.#tokens--
    return true
  }
}
