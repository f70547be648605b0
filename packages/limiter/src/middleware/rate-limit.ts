import type { Limiter } from '../core/limiter.ts'
import { createGate, type FrameworkTraits } from './create-gate.ts'
import type { Gate } from './gate.ts'
import {
  checkDefaults,
  combined,
  named,
  type RateLimitDefaults,
  withName,
  withStore,
} from './rate-limit-defaults.ts'
import type { RateLimitOptions } from './rate-limit-options.ts'
import type { ScriptRateLimitOptions } from './script-rate-limit-options.ts'

/** Makes middleware `M` of a framework whose functions of the options get `R`. */
export interface RateLimit<R, M> {
  // First, since functions get their types from the first signature that may fit.
  /** Middleware for which a Lua script decides. */
  (options: ScriptRateLimitOptions<R>): M
  /**
   * Middleware that limits requests. A mistake in the options throws an `invalid-options` or `invalid-rule` error. `limiter` of
   * what it returns decides, for `reset`, `block` and `close`.
   */
  (options: RateLimitOptions<R>): M & WithLimiter
  /** The limiter that `defaults` has under this name; `options` go before its own. */
  (name: string, options?: RateLimitOptions<R>): M & WithLimiter
  /** The same function with options that apply where a call or its limiter by name does not say otherwise. */
  defaults(defaults: RateLimitDefaults<R>): RateLimit<R, M>
}

/** The limiter that decides for a middleware. */
export interface WithLimiter {
  readonly limiter: Limiter
}

/** The `rateLimit` of a framework, from what turns a gate, and the options that it is made of, into its middleware. */
export function rateLimitFor<R, M extends object>(
  toMiddleware: (gate: Gate<R>, options: Given<R>) => M,
  traits: FrameworkTraits = {},
): RateLimit<R, M> {
  return withDefaults((options) => {
    const { gate, limiter } = createGate(options, traits)
    return Object.assign(toMiddleware(gate, options), limiter === null ? {} : { limiter })
  }, {})
}

type Given<R> = RateLimitOptions<R> | ScriptRateLimitOptions<R>

type Create<R, M> = (options: Given<R>) => M

function withDefaults<R, M>(create: Create<R, M>, defaults: RateLimitDefaults<R>): RateLimit<R, M> {
  const { limiters = {}, ...common } = defaults
  const own = withStore(common, limiters)
  const rateLimit = (given: string | Given<R>, options: RateLimitOptions<R> = {}): M =>
    create(
      typeof given === 'string'
        ? combined(own, withName(combined(named(limiters, given), options), given))
        : combined(own, given),
    )
  return Object.assign(rateLimit, {
    defaults(more: RateLimitDefaults<R>) {
      checkDefaults(more)
      return withDefaults(create, { ...combined(common, more), limiters: { ...limiters, ...more.limiters } })
    },
  }) as RateLimit<R, M>
}
