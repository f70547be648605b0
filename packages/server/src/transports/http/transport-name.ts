/** Name of the transport in events and logs. */
export const HTTP = 'http'
