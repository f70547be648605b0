/** What a limiter answers, by resolving or by rejecting with it; a rejection that is an `Error` is a failure instead. */
export class RateLimiterRes {
  /** Points left in this duration. */
  readonly remainingPoints: number
  /**
   * Milliseconds until the points come back or, where the call was rejected, until the same call passes. -1: they never come
   * back. Of a call for more than `points`, which never passes, it is until all points are back, at most the duration.
   */
  readonly msBeforeNext: number
  /**
   * Points consumed in this duration: 4 of 5 while a fifth is left, and still 4 after a call for 2 was rejected. A rejection tells
   * at most `points`; where a penalty or lower `points` make it more, `get` says how many.
   */
  readonly consumedPoints: number
  /** Whether this call was the first one to consume in this duration. */
  readonly isFirstInDuration: boolean

  // biome-ignore lint/complexity/useMaxParams: the signature of the class that it stands for
  constructor(remainingPoints = 0, msBeforeNext = 0, consumedPoints = 0, isFirstInDuration = false) {
    this.remainingPoints = remainingPoints
    this.msBeforeNext = msBeforeNext
    this.consumedPoints = consumedPoints
    this.isFirstInDuration = isFirstInDuration
  }

  /** The four fields as plain data. */
  toJSON(): { [F in 'remainingPoints' | 'msBeforeNext' | 'consumedPoints' | 'isFirstInDuration']: this[F] } {
    const { remainingPoints, msBeforeNext, consumedPoints, isFirstInDuration } = this
    return { remainingPoints, msBeforeNext, consumedPoints, isFirstInDuration }
  }

  /** The four fields as JSON. */
  toString(): string {
    return JSON.stringify(this)
  }
}
