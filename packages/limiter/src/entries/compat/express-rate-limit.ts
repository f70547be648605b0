/**
 * The entry `headgate/compat/express-rate-limit`: its middleware over stores of ours or of its own. The one entry with a default
 * export, since programs import the original by it, and their import line alone is to change. For the same
 * reason `require` gives what the export `module.exports` is, by which Node lets a module say so.
 */

export { commonJs as 'module.exports' } from '../../compat/express-rate-limit/common-js.ts'
export {
  rateLimit,
  // biome-ignore lint/style/noDefaultExport: as the original has it
  rateLimit as default,
} from '../../compat/express-rate-limit/express-rate-limit.ts'
export type {
  AugmentedRequest,
  DraftHeadersVersion,
  Logger,
  Options,
  RateLimitExceededEventHandler,
  RateLimitInfo,
  RateLimitRequestHandler,
  ValueDeterminingMiddleware,
} from '../../compat/express-rate-limit/express-rate-limit-options.ts'
export type {
  ClientRateLimitInfo,
  ClientRateLimitInfo as IncrementResponse,
  HitStore as Store,
} from '../../compat/express-rate-limit/hit-store.ts'
export { ipKeyGenerator } from '../../compat/express-rate-limit/ip-key-generator.ts'
export { DAY, HOUR, MINUTE, SECOND } from '../../compat/express-rate-limit/time-constants.ts'
export { MemoryStore } from '../../compat/express-rate-limit/window-store.ts'
