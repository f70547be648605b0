/** The entry `headgate/fetch`. */

export { type FetchRateLimit, rateLimit } from '../adapters/fetch.ts'
