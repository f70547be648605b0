/** Milliseconds of a second. */
export const SECOND: number = 1000
/** Milliseconds of a minute. */
export const MINUTE: number = 60 * SECOND
/** Milliseconds of an hour. */
export const HOUR: number = 60 * MINUTE
/** Milliseconds of a day. */
export const DAY: number = 24 * HOUR
