/** The entry `headgate/next`. */

export type { FetchRateLimit } from '../adapters/fetch.ts'
export { type NextRequestFields, rateLimit } from '../adapters/next.ts'
