import type { Clock } from '../core/clock.ts'
import { type Duration, parseDuration } from '../core/duration.ts'
import { wrong } from '../core/errors.ts'
import { isWhole } from '../core/validate.ts'

/** A clock that moves only when it is advanced or set; timers fire in order while it advances. */
export interface ManualClock extends Clock {
  /**
   * Moves forward by a duration (`'30s'`, or milliseconds, including fractions) and fires the timers that are due.
   * Accepts `retryAfterMs` of any decision: 0 and null (never) do not move it.
   */
  advance(by: Duration | null): void
  /** Moves forward by microseconds. */
  advanceUs(us: number): void
  /** Sets the time, also backwards, without firing timers. */
  set(us: number): void
  /** Number of timers that have not fired. */
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
  let now = checkUs(startUs, 'startUs')
  const timers = new Set<Timer>()
  const next = (until: number): Timer | undefined => {
    let first: Timer | undefined
    for (const timer of timers)
      if (timer.at <= until && (first === undefined || timer.at < first.at)) first = timer
    return first
  }
  const advanceUs = (us: number): void => {
    const until = now + checkUs(us, 'us')
    for (let timer = next(until); timer !== undefined; timer = next(until)) {
      timers.delete(timer)
      now = Math.max(now, timer.at)
      timer.callback()
    }
    now = until
  }
  return {
    timerSlackMs: 0,
    now: () => now,
    after(ms, callback) {
      const timer = { at: now + Math.ceil(ms * 1000), callback }
      timers.add(timer)
      return () => timers.delete(timer)
    },
    advance: (by) => advanceUs(microsecondsOf(by)),
    advanceUs,
    set(us) {
      now = checkUs(us, 'us')
    },
    get pending() {
      return timers.size
    },
  }
}

function checkUs(us: unknown, path: string): number {
  if (isWhole(us, 0)) return us
  throw wrong(us, 'is not a number of microseconds; pass a whole number of 0 or more', path)
}

function microsecondsOf(by: Duration | null): number {
  if (typeof by === 'string') return parseDuration(by, 'by') * 1000
  if (by === null) return 0
  const us = Math.round(by * 1000)
  if (Number.isSafeInteger(us) && us >= 0) return us
  throw wrong(by, 'is not a duration; pass milliseconds of 0 or more, or a text such as 30s', 'by')
}
