/** What every listener holds its clients to. Times in milliseconds. */

/** Most bytes of the header of a request. */
export const HEADER_BYTES_MAX = 16 * 1024

/** A whole request has to arrive within this. */
export const REQUEST_TIMEOUT_MS = 10_000

/** How often it is looked for requests that are late; Node would every 30 s. */
export const LATE_CHECK_MS = 1000

/** A connection on which nothing is asked is closed then: longer than the 60 s that balancers commonly keep theirs. */
export const IDLE_TIMEOUT_MS = 72_000

/** A handshake of TLS has to be done within this. */
export const HANDSHAKE_TIMEOUT_MS = 10_000
