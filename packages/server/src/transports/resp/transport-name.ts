/** How the Redis protocol is called in events and logs. */
export const RESP = 'resp'
