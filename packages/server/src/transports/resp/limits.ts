/** What a client of the Redis protocol is held to: one that goes beyond is cut off. */

/** Most arguments of a command. */
export const ARGUMENTS_MAX = 256
/** Most bytes of one argument. */
export const ARGUMENT_BYTES_MAX = 64 * 1024
/** Most bytes of a whole command. */
export const COMMAND_BYTES_MAX = 128 * 1024
/** Most commands of one connection that are under way; of more, no more is read for now. */
export const UNDER_WAY_MAX = 1024
/** Most bytes of replies that wait to be taken; then no more is read for now. */
export const UNSENT_BYTES_MAX = 256 * 1024
/**
 * A command that has begun has to arrive within this, replies that wait have to be taken within this, and a client that was told
 * that its connection ends has to leave within this.
 */
export const STALL_MS = 10_000
/** Whether a silent client is still there is asked of its system after this. */
export const KEEPALIVE_MS = 60_000
/** A connection that is to end may take this long to come to a pause; then it ends between two commands. */
export const DRAIN_MS = 1000
