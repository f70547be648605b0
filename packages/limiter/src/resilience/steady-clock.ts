import type { Clock } from '../core/clock.ts'

// A longer delay overflows to 1 ms in Node.
const LONGEST_TIMER_MS = 2 ** 31 - 1

const originUs = performance.timeOrigin * 1000

/**
 * Microseconds since about the Unix epoch, which no correction of the wall clock moves: a deadline is a length of
 * time. Its timers keep the process alive, as somebody waits for them.
 */
export const steadyClock: Clock = {
  now: () => Math.floor(originUs + performance.now() * 1000),
  after(ms, callback) {
    const timer = setTimeout(callback, delayOf(ms))
    return () => clearTimeout(timer)
  },
}

/** The same time, with timers that nobody waits for: they let the process end. */
export const backgroundClock: Clock = {
  now: steadyClock.now,
  after(ms, callback) {
    const timer = setTimeout(callback, delayOf(ms)).unref()
    return () => clearTimeout(timer)
  },
}

function delayOf(ms: number): number {
  return Math.min(Math.ceil(ms), LONGEST_TIMER_MS)
}
