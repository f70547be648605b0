import type { Limiter } from '../core/limiter.ts'
import { createGate } from './create-gate.ts'
import type { Gate } from './gate.ts'
import { type RateLimitDefaults, withDefaults } from './rate-limit-defaults.ts'
import type { RateLimitOptions } from './rate-limit-options.ts'

/** Makes middleware `M` of a framework whose functions of the options get `R`. */
export interface RateLimit<R, M> {
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

/** The `rateLimit` of a framework, from what turns a gate into its middleware. */
export function rateLimitFor<R, M extends object>(toMiddleware: (gate: Gate<R>) => M): RateLimit<R, M> {
  return withDefaults((options) => {
    const { gate, limiter } = createGate(options)
    return Object.assign(toMiddleware(gate), { limiter })
  }, {})
}
