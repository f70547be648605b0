/** What transports tell of waits in seconds; they import of the library only types. */
export { retryAfterSeconds } from 'headgate'
