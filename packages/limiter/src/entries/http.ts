/** The entry `headgate/http`: HTTP without a framework: client addresses, rate limit header fields, problem documents. */

export { retryAfterSeconds } from '../core/decision.ts'
export { isAmbiguousPath, normalizePath } from '../core/path.ts'
export type { PolicyAnswer } from '../core/policy-answer.ts'
export {
  type AnswerOptions,
  additionsOf,
  answerTo,
  type HttpAnswer,
  type PolicyAdditions,
} from '../http/answer.ts'
export {
  clientAddress,
  compileTrustedProxies,
  isTrustedPeer,
  type TrustedProxies,
} from '../http/client-address.ts'
export {
  type AddressedRequest,
  type ClientAddressOptions,
  compileAddressKey,
  compileClientAddress,
} from '../http/compile-client-address.ts'
export { describeError, type ErrorDescription } from '../http/describe-error.ts'
export type { HeaderOptions } from '../http/header-options.ts'
export {
  type ApiKeyOptions,
  byApiKey,
  byBearerToken,
  byCookie,
  byHeader,
  bySubject,
  type FieldKey,
  type IdentifiedRequest,
} from '../http/identity-keys.ts'
export { mergeDecisions } from '../http/merge-decisions.ts'
export { normalizeKey } from '../http/normalize-key.ts'
export {
  parseRateLimit,
  type RateLimitReport,
  type ResponseFields,
} from '../http/parse-rate-limit.ts'
export { httpProblem, PROBLEM_JSON, type Problem, problemOf } from '../http/problem.ts'
export { compileHeaders, type HeaderWriter, rateLimitHeaders } from '../http/rate-limit-headers.ts'
export type { ReportedPolicy } from '../http/reported-limits.ts'
export { windowDenial } from '../http/window-denial.ts'
