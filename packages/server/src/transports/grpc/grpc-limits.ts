/** What clients of gRPC are held to. Times in milliseconds. */

/** Most bytes of a message that is looked at; of one up to four times as long it is said so, and no longer one arrives. */
export const MESSAGE_BYTES_MAX = 64 * 1024
export const ARRIVING_BYTES_MAX = 4 * MESSAGE_BYTES_MAX
/** The first message of a call has to arrive within this. */
export const MESSAGE_TIMEOUT_MS = 10_000
/** Most calls of one connection that are under way: each may have half a message here. Clients of more make another one. */
export const STREAMS_MAX = 128
/** Whether a silent client is still there is asked after this, and it has to answer within that. */
export const KEEPALIVE_MS = 60_000
export const KEEPALIVE_TIMEOUT_MS = 20_000
/**
 * A connection ends after this, give or take a tenth: its client makes another one, which a balancer may give to an instance that
 * was not there before. Calls under way then have the grace to end. Those on which Envoy asks have no age: it does not repeat
 * calls that cross the notice.
 */
export const CONNECTION_AGE_MS = 5 * 60_000
export const CONNECTION_AGE_GRACE_MS = 30_000
