import { wrong } from './errors.ts'
import { afterPoll, timersFire } from './runtime.ts'

/** Time for a store or a limiter, which can be replaced so that tests need not sleep. */
export interface Clock {
  /** Microseconds since the Unix epoch, an integer. It may go back: a store then moves state from the future to now. */
  now(): number
  /** Calls `callback` once after `ms` milliseconds; the returned function cancels it. */
  after(ms: number, callback: () => void): () => void
  /**
   * By how many milliseconds its timers may fire early; added to `Decision.retryAfterMs`, so that a timer set to it fires
   * after the wait is over.
   * @default 1, which is right for the timers of Node
   */
  readonly timerSlackMs?: number
}

/** Checks a clock, which may be undefined; anything else is an `invalid-options` error at `path`. */
export function checkClock(clock: unknown, path: string): void {
  const { now, after }: Partial<Clock> = clock ?? {}
  if (clock === undefined || (typeof now === 'function' && typeof after === 'function')) return
  throw wrong(clock, 'is not a clock; pass an object with the functions now and after', path)
}

/** Default timer slack: Node cuts off fractions of a millisecond, so its timers may fire up to 1 ms early. */
export const TIMER_SLACK_MS = 1

// `performance` is a getter in Node that takes as long as reading the clock, so its value is kept. Only fake timers replace
// it, and they replace `Date` as well: see `elapsedUs`.
const RealDate = Date
const monotonic = performance
const RESYNC_US = 1_000_000
/** Time further ahead of the wall clock than this is set back. */
const AHEAD_MAX_US = 1_000_000
/** Longest delay of a timer: Node fires one that is longer after 1 ms. */
export const TIMER_MAX_MS: number = 2 ** 31 - 1
/** Most calls of `now` in a row that return one reading of the clock. */
const REUSE_MAX = 15
/** Calls of `now` further apart than this, on average, each read the clock. */
const BURST_GAP_US = 1

/** Microseconds by the monotonic clock of this thread. */
export function elapsedUs(): number {
  return Math.floor((Date === RealDate ? monotonic : performance).now() * 1000)
}

/**
 * A wall clock in microseconds that never goes back. It runs on the monotonic clock; every `resyncUs` it is moved forward to
 * the wall clock where it is behind.
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

/** How the wall clock was found to stand against a monotonic one. */
export interface WallReading {
  /** What is added to the monotonic clock, in microseconds. */
  readonly offset: number
  /** Time stands still here until the wall clock catches up. */
  readonly heldUs: number
  /** When it is to be read again, by the monotonic clock. */
  readonly resyncAt: number
}

/**
 * Reads the wall clock, once a second (G7): where time is ahead of it by less than 1 s, it stands still until the wall clock catches
 * up; by more, it is set back.
 */
export function readWall(elapsed: number, { offset, heldUs }: WallReading): WallReading {
  const now = Math.max(heldUs, offset + elapsed)
  // The wall clock is read in whole milliseconds: the true time is anywhere within this one.
  const earliest = Date.now() * 1000
  const latest = earliest + 999
  const wall = Math.max(earliest, Math.min(latest, now))
  return {
    offset: wall === now ? offset : wall - elapsed,
    heldUs: now - latest < AHEAD_MAX_US ? now : 0,
    resyncAt: elapsed + RESYNC_US,
  }
}

/** A wall clock in microseconds that runs on the monotonic clock of this thread. */
function correctedTime(): () => number {
  let reading: WallReading = { offset: 0, heldUs: 0, resyncAt: 0 }
  return () => {
    const elapsed = elapsedUs()
    if (elapsed >= reading.resyncAt) reading = readWall(elapsed, reading)
    return Math.max(reading.heldUs, reading.offset + elapsed)
  }
}

/**
 * Time that in a burst is read less often: reading the clock costs as much as a decision. Of calls less than 1 µs apart within
 * one turn of the event loop, up to 15 return the last reading.
 */
export function burstTime(read: () => number): () => number {
  let last = 0
  let reuse = 0
  let reused = 0
  let armed = false
  const endBurst = (): void => {
    armed = false
    reuse = 0
    reused = 0
  }
  return () => {
    if (reuse > 0) {
      reuse--
      return last
    }
    const now = read()
    if (now - last > (reused + 1) * BURST_GAP_US) reused = 0
    else {
      if (!armed) {
        armed = true
        // Holds up the end of a process by one turn: by `unref`, Deno would not call it while it serves.
        afterPoll(endBurst)
      }
      reused = Math.min(REUSE_MAX, reused * 2 + 1)
      reuse = reused
    }
    last = now
    return now
  }
}

/**
 * The system's wall clock in microseconds, synchronised once a second: it catches up after a suspend, and is corrected where it
 * was ahead, which gives no client extra units. In a burst it is read less often, but for Workers, whose timers cannot end one.
 */
export function systemClock(): Clock {
  const read = correctedTime()
  return clockBy(timersFire ? burstTime(read) : read)
}

/** A clock that tells the time so, and has the timers of the system. */
export function clockBy(now: () => number): Clock {
  return {
    timerSlackMs: TIMER_SLACK_MS,
    now,
    after(ms, callback) {
      // Node turns a longer delay into 1 ms. Firing early is safe, since every caller checks the time again.
      const timer = setTimeout(callback, Math.min(Math.ceil(ms), TIMER_MAX_MS))
      return () => clearTimeout(timer)
    },
  }
}
