/** How long a client may send nothing of a body at first. */
export const GRACE_MS = 10_000
/** How long at most, after it has sent much. */
export const CREDIT_MS_MAX = 60_000
/** Bytes that a body has to bring in a second. */
export const BYTES_PER_SECOND = 500

/**
 * Tells whether a client sends its body so slowly that it holds a connection to no purpose. It has to keep up 500 bytes a second
 * after the first 10 s: each byte that came earlier is good for 2 ms, up to a minute. Time in which the target takes nothing
 * does not count.
 */
export class UploadPace {
  #creditMs = GRACE_MS
  #atMs: number

  /** `nowMs`: when it may begin to send. */
  constructor(nowMs: number) {
    this.#atMs = nowMs
  }

  came(bytes: number): void {
    this.#creditMs = Math.min(CREDIT_MS_MAX, this.#creditMs + (bytes * 1000) / BYTES_PER_SECOND)
  }

  /** Whether it is too slow by now; `isPaused`: since the last time, the target took nothing. */
  isTooSlow(nowMs: number, isPaused: boolean): boolean {
    if (!isPaused) this.#creditMs -= nowMs - this.#atMs
    this.#atMs = nowMs
    return this.#creditMs < 0
  }
}
