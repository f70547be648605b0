import type { Clock } from '../core/clock.ts'
import { type Duration, parseDuration } from '../core/duration.ts'

/** A clock that moves only when told; timers fire, in order, while it advances. */
export interface ManualClock extends Clock {
  /** Moves forward by a duration (`'30s'`, or a number of milliseconds) and fires the timers on the way. */
  advance(by: Duration): void
  /** Moves forward by microseconds. */
  advanceUs(us: number): void
  /** Sets the time, also backwards, without firing timers. */
  set(us: number): void
  /** Number of timers that wait. */
  readonly pending: number
}

interface Timer {
  readonly at: number
  readonly callback: () => void
}

/**
 * Creates a manual clock.
 * @param startUs microseconds since the Unix epoch; by default 2026-01-01T00:00:00Z
 */
export function manualClock(startUs = 1_767_225_600_000_000): ManualClock {
  let now = startUs
  const timers = new Set<Timer>()
  const next = (until: number): Timer | undefined => {
    let first: Timer | undefined
    for (const timer of timers)
      if (timer.at <= until && (first === undefined || timer.at < first.at)) first = timer
    return first
  }
  const advanceUs = (us: number): void => {
    const until = now + us
    for (let timer = next(until); timer !== undefined; timer = next(until)) {
      timers.delete(timer)
      now = Math.max(now, timer.at)
      timer.callback()
    }
    now = until
  }
  return {
    now: () => now,
    after(ms, callback) {
      const timer = { at: now + Math.ceil(ms * 1000), callback }
      timers.add(timer)
      return () => timers.delete(timer)
    },
    advance: (by) => advanceUs(parseDuration(by, 'by') * 1000),
    advanceUs,
    set(us) {
      now = us
    },
    get pending() {
      return timers.size
    },
  }
}
