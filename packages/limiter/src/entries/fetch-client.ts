/** The entry `headgate/fetch-client`: for clients of services that have limits. It runs wherever there is `fetch`. */
export {
  parseRateLimit,
  type RateLimitReport,
  type ResponseFields,
} from '../http/parse-rate-limit.ts'
export { type RateLimitedFetchOptions, rateLimitedFetch } from '../http/rate-limited-fetch.ts'
export type { ReportedPolicy } from '../http/reported-limits.ts'
