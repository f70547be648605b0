import { wrong } from './errors.ts'

/** Time for a store or a limiter: injected everywhere, so that tests never sleep. */
export interface Clock {
  /** Microseconds since the Unix epoch, an integer. Where it goes back, stores re-anchor what they hold. */
  now(): number
  /** Calls `callback` once after `ms` milliseconds; returns its cancellation. */
  after(ms: number, callback: () => void): () => void
  /**
   * By how many milliseconds its timers may fire early: `Decision.retryAfterMs` is that much longer than the wait.
   * @default 1, as for the system's timers
   */
  readonly timerSlackMs?: number
}

/** Refuses what is not a clock; undefined is none. */
export function checkClock(clock: unknown, path: string): void {
  const { now, after }: Partial<Clock> = clock ?? {}
  if (clock === undefined || (typeof now === 'function' && typeof after === 'function')) return
  throw wrong(clock, 'is not a clock; pass an object with the functions now and after', path)
}

/** What a clock without `timerSlackMs` has: Node cuts fractions of milliseconds, and its timers fire early. */
export const TIMER_SLACK_MS = 1

// Node looks the global `performance` up by a function, which takes as long as reading the clock. Only fake timers
// replace it, and these replace `Date` as well.
const RealDate = Date
const monotonic = performance
const RESYNC_US = 1_000_000
/** A clock further ahead of the wall than this is set back. */
const AHEAD_MAX_US = 1_000_000
const LONGEST_TIMER_MS = 2 ** 31 - 1
/** Most readings in a row answered by one reading of the clock. */
const REUSE_MAX = 15
/** Readings farther apart than this, on average, each read the clock. */
const BURST_GAP_US = 1

function elapsedUs(): number {
  return Math.floor((Date === RealDate ? monotonic : performance).now() * 1000)
}

/**
 * Reads the wall clock in microseconds, made non-decreasing: it runs on the monotonic clock and is moved forward
 * (never back) to the wall clock with the first reading, and with the next after `resyncUs`.
 */
export function wallTime(resyncUs: number): () => number {
  let offset = 0
  let resyncAt = 0
  return () => {
    const elapsed = elapsedUs()
    if (elapsed >= resyncAt) {
      offset = Math.max(offset, Date.now() * 1000 - elapsed)
      resyncAt = elapsed + resyncUs
    }
    return offset + elapsed
  }
}

/**
 * Reads the wall clock in microseconds, carried by the monotonic one between synchronisations (G7). Where it is ahead
 * of the wall by less than a second it is held until time catches up; where by more, it is set back.
 */
function correctedTime(): () => number {
  let offset = 0
  let resyncAt = 0
  let heldUs = 0
  return () => {
    const elapsed = elapsedUs()
    if (elapsed >= resyncAt) {
      const now = Math.max(heldUs, offset + elapsed)
      // The wall clock is read in whole milliseconds: it may be anywhere in this one.
      const earliest = Date.now() * 1000
      const latest = earliest + 999
      if (now < earliest) offset = earliest - elapsed
      else if (now > latest) offset = latest - elapsed
      heldUs = now - latest < AHEAD_MAX_US ? now : 0
      resyncAt = elapsed + RESYNC_US
    }
    return Math.max(heldUs, offset + elapsed)
  }
}

/**
 * The system's wall clock in microseconds, synchronised once a second: a suspended machine catches up, and a clock that
 * was ahead is corrected, which mints nothing. In a burst (readings under 1 µs apart within one turn of the event loop)
 * up to 15 readings reuse the last one, since reading the clock costs as much as a decision.
 */
export function systemClock(): Clock {
  const read = correctedTime()
  let last = 0
  let reuse = 0
  let reused = 0
  let armed = false
  const endBurst = (): void => {
    armed = false
    reuse = 0
    reused = 0
  }
  return {
    timerSlackMs: TIMER_SLACK_MS,
    now() {
      if (reuse > 0) {
        reuse--
        return last
      }
      const now = read()
      if (now - last > (reused + 1) * BURST_GAP_US) reused = 0
      else {
        if (!armed) {
          armed = true
          setImmediate(endBurst).unref()
        }
        reused = Math.min(REUSE_MAX, reused * 2 + 1)
        reuse = reused
      }
      last = now
      return now
    },
    after(ms, callback) {
      // A longer delay overflows to 1 ms in Node; waking early is safe, since every waiter checks again.
      const timer = setTimeout(callback, Math.min(Math.ceil(ms), LONGEST_TIMER_MS))
      return () => clearTimeout(timer)
    },
  }
}
