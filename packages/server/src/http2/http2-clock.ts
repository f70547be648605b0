/** The time of a server, so that tests can make it pass. */
export interface Http2Clock {
  /** Milliseconds since some moment, never going back. */
  now(): number
  /** Calls back once a second, until what it answers is called. */
  everySecond(tick: () => void): () => void
}

export const SYSTEM_CLOCK: Http2Clock = {
  now: () => performance.now(),
  everySecond: (tick) => {
    const timer = setInterval(tick, 1000).unref()
    return () => clearInterval(timer)
  },
}
