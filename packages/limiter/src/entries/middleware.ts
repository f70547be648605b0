/** The entry `headgate/middleware`: what all adapters share, and what an adapter for another framework is made of. */

export type { HttpAnswer } from '../http/answer.ts'
export type { RequestReader } from '../http/request-reader.ts'
export { AdaptiveLimit, type AdaptiveOptions, adaptive } from '../middleware/adaptive-limit.ts'
export type { Logger, LogLevel } from '../middleware/decision-log.ts'
export { decisionOf } from '../middleware/decision-of.ts'
export type { Exchange, Outcome, ResponseEnd } from '../middleware/exchange.ts'
export type { Gate } from '../middleware/gate.ts'
export type { MaybePromise } from '../middleware/maybe-promise.ts'
export { type RateLimit, rateLimitFor, type WithLimiter } from '../middleware/rate-limit.ts'
export type { RateLimitDefaults } from '../middleware/rate-limit-defaults.ts'
export type {
  DecisionContext,
  DeniedResponse,
  Key,
  Limit,
  LimiterPart,
  PerRequest,
  RateLimitOptions,
  RequestPart,
} from '../middleware/rate-limit-options.ts'
export type { ScriptRateLimitOptions } from '../middleware/script-rate-limit-options.ts'
