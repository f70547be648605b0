import { type Clock, wallTime } from '../core/clock.ts'

// A longer delay overflows to 1 ms in Node.
const LONGEST_TIMER_MS = 2 ** 31 - 1

/** How long a process runs after a suspension of its machine before it looks at the wall clock. */
const RESYNC_US = 1000

/**
 * Microseconds since about the Unix epoch, synchronised with the first reading and never again: no correction of the
 * wall clock moves it, since a deadline is a length of time. Its timers keep the process alive, as somebody waits for them.
 */
export const monotonicClock: Clock = {
  now: wallTime(Number.POSITIVE_INFINITY),
  after(ms, callback) {
    const timer = setTimeout(callback, delayOf(ms))
    return () => clearTimeout(timer)
  },
}

/** The same time, with timers that nobody waits for: they let the process end. */
export const unrefClock: Clock = {
  now: monotonicClock.now,
  after(ms, callback) {
    const timer = setTimeout(callback, delayOf(ms)).unref()
    return () => clearTimeout(timer)
  },
}

/**
 * Time by which something ends: it also runs while the machine is suspended, never goes back, and is read anew each
 * time, since a reading of before a stall would let things last longer.
 */
export function expiryClock(): Clock {
  return { now: wallTime(RESYNC_US), after: unrefClock.after }
}

function delayOf(ms: number): number {
  return Math.min(Math.ceil(ms), LONGEST_TIMER_MS)
}
