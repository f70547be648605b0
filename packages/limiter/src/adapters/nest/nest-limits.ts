import type { ExecutionContext, OnModuleInit } from '@nestjs/common'
import { type DiscoveryService, MetadataScanner } from '@nestjs/core'
import { isRecord } from '../../core/validate.ts'
import type { Gate } from '../../middleware/gate.ts'
import { type RateLimit, rateLimitFor } from '../../middleware/rate-limit.ts'
import type { RateLimitDefaults } from '../../middleware/rate-limit-defaults.ts'
import {
  type DecoratedLimit,
  decoratedLimits,
  limitsOf,
  type NestRateLimitOptions,
} from './rate-limit-decorators.ts'

/** Options for a whole application of Nest. */
export interface NestRateLimitDefaults extends RateLimitDefaults<ExecutionContext> {
  /**
   * Limits of every route, each by its options or by the name of a limiter. A `limit`, `policies` or a `limiter` among the
   * defaults themselves is one more, in front of them.
   * @default none
   */
  readonly limits?: readonly (string | NestRateLimitOptions)[]
}

/** One limit of an application of Nest. */
export interface NestLimit {
  readonly gate: Gate<ExecutionContext>
  /** Whether a function of the options says whose budget it is, so that it can judge what is no request of HTTP. */
  readonly hasKeyFunction: boolean
}

/** The limits of an application, and of its controllers and handlers. */
export class NestLimits implements OnModuleInit {
  readonly #rateLimit: RateLimit<ExecutionContext, NestLimit>
  readonly #common: readonly NestLimit[]
  readonly #decorated = new WeakMap<DecoratedLimit, NestLimit>()
  readonly #discovery: DiscoveryService

  constructor(defaults: NestRateLimitDefaults, discovery: DiscoveryService) {
    const { limits = [], ...rest } = defaults
    this.#discovery = discovery
    this.#rateLimit = rateLimitFor(toLimit, { ignoresCase: true }).defaults(rest)
    const own = decides(rest) ? [this.#rateLimit({})] : []
    this.#common = [...own, ...limits.map((given) => this.#rateLimit(given as NestRateLimitOptions))]
  }

  /** Compiles the limits of all controllers, so that a mistake shows at the start. */
  onModuleInit(): void {
    const scanner = new MetadataScanner()
    for (const { metatype } of this.#discovery.getControllers()) {
      if (typeof metatype !== 'function') continue
      const { prototype } = metatype
      const handlers = scanner.getAllMethodNames(prototype).map((name) => prototype[name])
      for (const limit of [metatype, ...handlers].flatMap(limitsOf)) this.#compiled(limit)
    }
  }

  /** What limits the handler of a context, in order: the application's limits, its controller's and its own. */
  of(context: ExecutionContext): readonly NestLimit[] {
    const decorated = decoratedLimits(context)
    if (decorated === null) return []
    return decorated.length === 0
      ? this.#common
      : [...this.#common, ...decorated.map((limit) => this.#compiled(limit))]
  }

  #compiled(limit: DecoratedLimit): NestLimit {
    const known = this.#decorated.get(limit)
    if (known !== undefined) return known
    const { given, options } = limit
    const compiled =
      typeof given === 'string'
        ? this.#rateLimit(given, options)
        : this.#rateLimit(namedAfterPlace(given, limit.place))
    this.#decorated.set(limit, compiled)
    return compiled
  }
}

/** Limits of different places that share a store must not share a budget because nobody has named them. */
function namedAfterPlace(
  options: Exclude<DecoratedLimit['given'], string>,
  place: string,
): NestRateLimitOptions {
  const named = isRecord(options) && 'limit' in options ? { name: place, ...options } : options
  // Those of a script are taken by the same function, by another overload.
  return named as NestRateLimitOptions
}

function toLimit(gate: Gate<ExecutionContext>, { key }: { readonly key?: unknown }): NestLimit {
  return { gate, hasKeyFunction: typeof key === 'function' }
}

function decides({ limit, policies, limiter }: RateLimitDefaults<ExecutionContext>): boolean {
  return [limit, policies, limiter].some((given) => given !== undefined)
}
