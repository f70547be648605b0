import { invalid } from '../core/errors.ts'

/** What options of other packages are called here. */
const OURS: Readonly<Record<string, string>> = {
  max: 'limit',
  points: 'limit',
  windowMs: 'window',
  timeWindow: 'window',
  duration: 'window',
  ttl: 'window',
  keyGenerator: 'key',
  identifier: 'key',
  keyPrefix: 'prefix',
  handler: 'response',
  message: 'response',
  statusCode: 'response: { status }',
  errorResponseBuilder: 'response',
  standardHeaders: 'headers: { standard }',
  legacyHeaders: 'headers: { legacy }',
  skipIf: 'skip',
  allowList: 'allow',
  skipSuccessfulRequests: 'skipSuccessful',
  skipFailedRequests: 'skipFailed',
  requestWasSuccessful: 'isSuccessful',
  passOnStoreError: "onStoreError: 'open'",
  skipOnError: "onStoreError: 'open'",
  blockDuration: 'ban',
  trustProxy: 'trustedProxies',
}

/** Refuses an option by the name that another package has for it, and says ours; `docs/reference/option-map.md` has all. */
export function refuseForeignNames(options: object): void {
  const name = Object.keys(options).find((field) => Object.hasOwn(OURS, field))
  if (name !== undefined) throw invalid(`options.${name}`, `here it is called ${OURS[name]}`)
}
