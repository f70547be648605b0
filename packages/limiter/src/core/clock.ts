/** Time for a store or a limiter: injected everywhere, so that tests never sleep. */
export interface Clock {
  /** Microseconds since the Unix epoch, an integer that never decreases. */
  now(): number
  /** Calls `callback` once after `ms` milliseconds; returns its cancellation. */
  after(ms: number, callback: () => void): () => void
}

// Node looks the global `performance` up by a function, which takes as long as reading the clock. Only fake timers
// replace it, and these replace `Date` as well.
const RealDate = Date
const monotonic = performance
const RESYNC_US = 1_000_000
const LONGEST_TIMER_MS = 2 ** 31 - 1
/** Most readings in a row answered by one reading of the clock. */
const REUSE_MAX = 15
/** Readings farther apart than this, on average, each read the clock. */
const BURST_GAP_US = 1

/**
 * Reads the wall clock in microseconds, made non-decreasing: it runs on the monotonic clock and is moved forward
 * (never back) to the wall clock with the first reading, and with the next after `resyncUs`.
 */
export function wallTime(resyncUs: number): () => number {
  let offset = 0
  let resyncAt = 0
  return () => {
    const elapsed = Math.floor((Date === RealDate ? monotonic : performance).now() * 1000)
    if (elapsed >= resyncAt) {
      offset = Math.max(offset, Date.now() * 1000 - elapsed)
      resyncAt = elapsed + resyncUs
    }
    return offset + elapsed
  }
}

/**
 * The system's wall clock in microseconds ({@link wallTime}), synchronised once a second: a suspended machine catches
 * up, and a clock set back mints nothing. In a burst (readings under 1 µs apart within one turn of the event loop) up
 * to 15 readings reuse the last one, since reading the clock costs as much as a decision.
 */
export function systemClock(): Clock {
  const read = wallTime(RESYNC_US)
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
