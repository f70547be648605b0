import type { Decision, Denied } from '../core/decision.ts'
import { type Duration, parseTimeout } from '../core/duration.ts'
import { compileSwitch } from '../core/enabled-switch.ts'
import { wrong } from '../core/errors.ts'
import type { Who } from '../core/key.ts'
import { limitedError } from '../core/limited-error.ts'
import type { CallOptions } from '../core/limiter.ts'
import { checkCost, checkFields } from '../core/validate.ts'
import type { MaybePromise } from './maybe-promise.ts'
import { limiterFields, limiterOf } from './middleware-limiter.ts'
import type { WithLimiter } from './rate-limit.ts'
import type { Limit, LimiterPart } from './rate-limit-options.ts'

/** Options of {@link withRateLimit}: of its limiter, and of how it asks it. `A` are the arguments of the function. */
export interface CallLimitOptions<A extends readonly unknown[], D = never>
  extends Omit<LimiterPart<never>, 'limit'> {
  /** Units per window: `'100/min'`, several of which all have to pass, or a number beside `window`. */
  readonly limit?: Limit
  /**
   * Whose budget a call spends: a text, or attributes for `policies`.
   * @default one budget for all calls
   */
  readonly key?: (...args: A) => MaybePromise<Who>
  /**
   * Units that a call spends.
   * @default 1
   */
  readonly cost?: number | ((...args: A) => MaybePromise<number>)
  /**
   * Has a call wait for its turn for up to this long, first come first served per key, instead of denying it at once.
   * @default no wait
   */
  readonly timeout?: Duration
  /**
   * What a denied call results in.
   * @default it rejects with a `limited` error, or `store-unavailable` where the store did not answer
   */
  readonly onLimited?: (decision: Denied, ...args: A) => MaybePromise<D>
}

/** A function behind a limit. */
export type RateLimited<A extends readonly unknown[], R, D = never> = ((
  ...args: A
) => Promise<Awaited<R> | D>) &
  WithLimiter

/**
 * Limits the calls of a function, such as a job or the handler of WebSocket messages. What it returns has the same arguments and
 * resolves to the same result; `limiter` decides, for `reset`, `block` and `close`. A call that throws has spent. A mistake in
 * the options throws an `invalid-options` or `invalid-rule` error.
 *
 * ```ts
 * const send = withRateLimit(sendMail, { limit: '10/s', key: (mail) => mail.tenant, timeout: '30s' })
 * await send({ tenant: 'acme', to: 'alice@example.com' })
 * ```
 *
 * Of 15 calls at once for one tenant 10 run now, and 5 as soon as there is room.
 */
export function withRateLimit<F extends (...args: never[]) => unknown, D = never>(
  fn: F,
  options: CallLimitOptions<Parameters<F>, D>,
): RateLimited<Parameters<F>, ReturnType<F>, D> {
  checkOptions(fn, options)
  const { onLimited, enabled = true } = options
  const isEnabled = compileSwitch(enabled)
  const { limiter } = limiterOf(options, options.key === undefined ? 'global' : 'key')
  const callOf = compileCall(options)
  const timeout = options.timeout === undefined ? null : parseTimeout(options.timeout, 'options.timeout')

  type Result = Awaited<ReturnType<F>>

  async function limited(this: unknown, ...args: Parameters<F>): Promise<Result | D> {
    if (!isEnabled()) return (await Reflect.apply(fn, this, args)) as Result
    const { who, call } = await callOf(args)
    const decision: Decision =
      timeout === null ? await limiter.consume(who, call) : await limiter.wait(who, { ...call, timeout })
    if (decision.allowed) return (await Reflect.apply(fn, this, args)) as Result
    if (onLimited !== undefined) return onLimited(decision, ...args)
    throw limitedError(decision)
  }
  return Object.assign(limited, { limiter })
}

/** Who makes a call, and what it costs. */
interface LimitedCall {
  readonly who: Who
  readonly call: CallOptions
}

function compileCall<A extends readonly unknown[], D>({
  key,
  cost,
}: CallLimitOptions<A, D>): (args: A) => Promise<LimitedCall> {
  return async (args) => {
    const who = key === undefined ? {} : await key(...args)
    const units = typeof cost === 'function' ? await cost(...args) : cost
    return { who, call: units === undefined ? {} : { cost: units } }
  }
}

function checkOptions<A extends readonly unknown[], D>(fn: unknown, options: CallLimitOptions<A, D>): void {
  if (typeof fn !== 'function') throw wrong(fn, 'is not a function; pass what is to be limited', 'fn')
  checkFields(options, [...limiterFields, 'key', 'cost', 'timeout', 'onLimited', 'enabled'], 'options')
  const { limit, key, cost, onLimited } = options
  if (typeof limit === 'function') {
    throw wrong(limit, 'is no limit; pass a rate, or policies with overrides', 'options.limit')
  }
  for (const [name, given] of Object.entries({ key, onLimited })) {
    if (given !== undefined && typeof given !== 'function') {
      throw wrong(given, 'is not a function of the arguments', `options.${name}`)
    }
  }
  if (cost !== undefined && typeof cost !== 'function') checkCost(cost)
}
