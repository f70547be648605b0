import type { Clock } from 'headgate'

/** Time since the start of the process, which nobody sets; for waiting only. */
export const steadyClock: Clock = {
  now: () => Math.floor(performance.now() * 1000),
  after: (ms, callback) => {
    const timer = setTimeout(callback, ms)
    return () => clearTimeout(timer)
  },
}
