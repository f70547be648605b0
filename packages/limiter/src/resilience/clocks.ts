import { type Clock, TIMER_MAX_MS, wallTime } from '../core/clock.ts'
import { unref } from '../core/runtime.ts'

/** Interval of reading the wall clock: after a suspension time is wrong for at most so long. */
const RESYNC_US = 1000

/**
 * Microseconds since about the Unix epoch, synchronised at the first reading only: a deadline is a duration, which no
 * correction of the wall clock may change. Its timers keep the process alive, since callers wait for them.
 */
export const monotonicClock: Clock = {
  now: wallTime(Number.POSITIVE_INFINITY),
  after(ms, callback) {
    const timer = setTimeout(callback, delayOf(ms))
    return () => clearTimeout(timer)
  },
}

/** The same time, with timers that do not keep the process alive. */
export const unrefClock: Clock = {
  now: monotonicClock.now,
  after(ms, callback) {
    const timer = unref(setTimeout(callback, delayOf(ms)))
    return () => clearTimeout(timer)
  },
}

/**
 * Time for expiries: it includes time in which the machine was suspended, and never goes back. Each call reads it anew,
 * since a cached reading from before a stall would let things live too long.
 */
export function expiryClock(): Clock {
  return { now: wallTime(RESYNC_US), after: unrefClock.after }
}

function delayOf(ms: number): number {
  return Math.min(Math.ceil(ms), TIMER_MAX_MS)
}
