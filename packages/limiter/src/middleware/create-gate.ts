import { parseDuration } from '../core/duration.ts'
import { compileSwitch } from '../core/enabled-switch.ts'
import { invalid, wrong } from '../core/errors.ts'
import type { Limiter } from '../core/limiter.ts'
import type { PolicyAnswer } from '../core/policy-answer.ts'
import type { Rate } from '../core/rate.ts'
import { checkCost, checkFields, isRecord } from '../core/validate.ts'
import { compileAddressKey } from '../http/compile-client-address.ts'
import { tellsClients } from '../http/header-options.ts'
import { compileHeaders } from '../http/rate-limit-headers.ts'
import { AdaptiveLimit } from './adaptive-limit.ts'
import { compileAddresses } from './client-addresses.ts'
import { compileResponse } from './denied-response.ts'
import { refuseUpperCase, withFoldedPaths } from './fold-paths.ts'
import { refuseForeignNames } from './foreign-names.ts'
import { Gate, type GateConfig } from './gate.ts'
import { compileKeyText } from './key-text.ts'
import { LimiterJudge } from './limiter-judge.ts'
import { andThen, type MaybePromise } from './maybe-promise.ts'
import { limiterFields, limiterOf, ratesOf } from './middleware-limiter.ts'
import { compileObservers } from './observers.ts'
import { checkFunctions, requestFields, scriptFields } from './option-fields.ts'
import { PolicyWatch } from './policy-watch.ts'
import type { Limit, RateLimitOptions, RequestPart } from './rate-limit-options.ts'
import { compileWho, isAddressAlone, policyKeyOf, type WhoOptions } from './request-who.ts'
import { ScriptJudge } from './script-judge.ts'
import type { ScriptRateLimitOptions } from './script-rate-limit-options.ts'
import { compileSettle } from './settlement.ts'
import { shownLimiter } from './shown-limiter.ts'

/** A gate, and the limiter that decides for it. */
export interface CreatedGate<R> {
  readonly gate: Gate<R>
  /** Null where a script decides. */
  readonly limiter: Limiter | null
}

/** What is true of all requests of a framework. */
export interface FrameworkTraits {
  /**
   * Whether its router takes `/LOGIN` for `/login`.
   * @default false
   */
  readonly ignoresCase?: boolean
}

/** Checks and compiles the options of `rateLimit`. A mistake is an `invalid-options` or `invalid-rule` error. */
export function createGate<R>(
  options: RateLimitOptions<R> | ScriptRateLimitOptions<R>,
  traits: FrameworkTraits = {},
): CreatedGate<R> {
  if (isRecord(options) && 'script' in options) return { gate: scriptGate(options), limiter: null }
  return limiterGate(options, traits.ignoresCase === true)
}

function limiterGate<R>(given: RateLimitOptions<R>, ignoresCase: boolean): CreatedGate<R> {
  if (isRecord(given)) refuseForeignNames(given)
  checkFields(given, [...limiterFields, ...requestFields], 'options')
  const options = ignoresCase ? withFoldedPaths(given) : given
  checkFunctions(options)
  const { headers = {} } = options
  const settle = compileSettle(options)
  checkKeyNames(options)
  const whoOptions = { ...options, needsAttributes: needsAttributes(options), ignoresCase }
  const created = limiterOf(options, policyKeyOf(whoOptions))
  const isGiven = options.limiter !== undefined
  if (isGiven && ignoresCase) refuseUpperCase(created.limiter.policies.list())
  const watch = new PolicyWatch(created.limiter.policies)
  const judge = new LimiterJudge<R>({
    ...created,
    who: compileWho(whoOptions, compileAddresses(options), watch),
    keyText: compileKeyText(whoOptions),
    cost: costOf(options.cost),
    limit: limitOf(options),
    settles: settle !== null,
    slowDownMs: slowDownOf(options),
  })
  const gate = new Gate<R>({
    judge,
    ...common(options),
    headers: compileHeaders(headers, 'options.headers'),
    isTold: tellsClients(headers),
    answers: () => watch.answers,
    observe: compileObservers(options),
    settle,
    adaptive: options.limit instanceof AdaptiveLimit ? options.limit : null,
  })
  return { gate, limiter: isGiven ? created.limiter : shown(created.limiter, watch, whoOptions) }
}

function scriptGate<R>(options: ScriptRateLimitOptions<R>): Gate<R> {
  checkFields(options, scriptFields, 'options')
  checkFunctions(options)
  return new Gate<R>({
    judge: new ScriptJudge(options, compileAddresses(options)),
    ...common(options),
    headers: compileHeaders(false),
    isTold: false,
    answers: () => NO_ANSWERS,
    observe: compileObservers(options),
    settle: null,
    adaptive: null,
  })
}

function shown<R>(
  limiter: Limiter,
  watch: PolicyWatch,
  options: RateLimitOptions<R> & WhoOptions<R>,
): Limiter {
  const addressKey = isAddressAlone(options) ? compileAddressKey(options.ipv6Prefix) : null
  return shownLimiter(limiter, { policies: watch.register(options.ignoresCase), addressKey })
}

const NO_ANSWERS: ReadonlyMap<string, PolicyAnswer> = new Map()

/** What both kinds of gates have. */
function common<R>(
  options: RateLimitOptions<R> | ScriptRateLimitOptions<R>,
): Pick<GateConfig<R>, 'enabled' | 'skip' | 'deny'> {
  const { enabled = true, response } = options
  const skip: GateConfig<R>['skip'] = options.skip ?? null
  return { enabled: compileSwitch(enabled), skip, deny: compileResponse(response) }
}

/** What every request has by itself. */
const ATTRIBUTES = ['ip', 'route', 'method', 'host', 'path', 'global']

function checkKeyNames<R>({ key, attributes, policies, limiter }: RateLimitOptions<R>): void {
  if (typeof key !== 'string' && !Array.isArray(key)) return
  if (policies !== undefined || limiter !== undefined) {
    throw invalid(
      'options.key',
      'policies have keys of their own; give a function for their attribute key, or leave it out',
    )
  }
  const unknown = [key].flat().find((name) => !ATTRIBUTES.includes(name))
  if (unknown === undefined || attributes !== undefined) return
  const fix = `add attributes: (request) => ({ ${unknown}: … }), or use ${ATTRIBUTES.join(', ')}`
  throw wrong(unknown, `is no attribute that every request has; ${fix}`, 'options.key')
}

/** Whether the limiter looks at more of a request than its key. */
function needsAttributes<R>({ policies, limiter, allow, deny }: RateLimitOptions<R>): boolean {
  return [policies, limiter, allow, deny].some((given) => given !== undefined)
}

function costOf<R>(cost: RequestPart<R>['cost']): ((request: R) => MaybePromise<number>) | null {
  if (typeof cost === 'function') return cost
  if (cost === undefined) return null
  const units = checkCost(cost)
  return () => units
}

function limitOf<R>({
  limit,
  window,
}: RateLimitOptions<R>): ((request: R) => MaybePromise<Rate | readonly Rate[]>) | null {
  if (limit instanceof AdaptiveLimit) return () => limit.rate
  if (typeof limit !== 'function') return null
  return (request) => andThen(limit(request), (given: Limit) => ratesOf(checkComputed(given), window))
}

function checkComputed(given: Limit | undefined): Limit {
  if (given !== undefined) return given
  throw wrong(given, 'is no limit; have the function return one such as "100/min"', 'options.limit()')
}

function slowDownOf<R>(options: RateLimitOptions<R>): number | null {
  if (options.slowDown === undefined) return null
  const other = (['charge', 'skipSuccessful', 'skipFailed'] as const).find(
    (name) => options[name] !== undefined,
  )
  if (other === undefined) return parseDuration(options.slowDown, 'options.slowDown')
  throw invalid('options.slowDown', `a request that has waited is not settled; leave ${other} out`)
}
