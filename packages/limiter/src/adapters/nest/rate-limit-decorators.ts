import { type ExecutionContext, SetMetadata } from '@nestjs/common'
import { Reflector } from '@nestjs/core'
import type { RateLimitOptions } from '../../middleware/rate-limit-options.ts'
import type { ScriptRateLimitOptions } from '../../middleware/script-rate-limit-options.ts'

/** Options of a limit whose functions get the execution context of Nest. */
export type NestRateLimitOptions = RateLimitOptions<ExecutionContext>

/** A limit that a decorator has put on a controller or a handler. */
export interface DecoratedLimit {
  /** Options, or the name of a limiter in the defaults. */
  readonly given: string | NestRateLimitOptions | ScriptRateLimitOptions<ExecutionContext>
  /** What goes before the options of a limiter by name. */
  readonly options: NestRateLimitOptions
  /** Name of the controller, or of the controller and its handler. */
  readonly place: string
}

/** What decorates a controller or a handler. */
export type RateLimitDecorator = ClassDecorator & MethodDecorator

/** What metadata stands on: a controller, or a handler. */
type Place = Parameters<Reflector['get']>[1]

const LIMITS = 'headgate:limits'
const SKIPPED = 'headgate:skipped'

const reflector = new Reflector()

/**
 * Limits a handler, or all handlers of a controller: by options, or by the name of a limiter in the defaults, whose options the
 * second argument goes before. Where both have limits, those of the controller are asked first; several on one request answer
 * as one. Its budgets are those of this place, named after it as in `AuthController.login`, unless it has a `name`.
 *
 * ```ts
 * @RateLimit({ limit: '5/15m', skipSuccessful: true })
 * @Post('login')
 * login() {}
 * ```
 */
export function RateLimit(options: NestRateLimitOptions): RateLimitDecorator
export function RateLimit(options: ScriptRateLimitOptions<ExecutionContext>): RateLimitDecorator
export function RateLimit(name: string, options?: NestRateLimitOptions): RateLimitDecorator
export function RateLimit(
  given: DecoratedLimit['given'],
  options: NestRateLimitOptions = {},
): RateLimitDecorator {
  return (target: object, property?: string | symbol, descriptor?: PropertyDescriptor): void => {
    const place: Place = descriptor?.value ?? target
    const limit = { given, options, place: nameOf(target, property) }
    // Of several decorators the lowest is applied first, and the highest is asked first.
    SetMetadata(LIMITS, [limit, ...limitsOf(place)])(place)
  }
}

/** Has a handler, or all handlers of a controller, without any limit, also those of the whole application. */
export function SkipRateLimit(): RateLimitDecorator {
  return (target: object, _property?: string | symbol, descriptor?: PropertyDescriptor): void => {
    const place: Place = descriptor?.value ?? target
    SetMetadata(SKIPPED, true)(place)
  }
}

/** The limits that decorators have put on the handler of a context, those of its controller first; null where they are skipped. */
export function decoratedLimits(context: ExecutionContext): readonly DecoratedLimit[] | null {
  const places = [context.getClass(), context.getHandler()]
  if (places.some((place) => reflector.get(SKIPPED, place) === true)) return null
  return places.flatMap(limitsOf)
}

/** The limits that decorators have put on one controller or handler. */
export function limitsOf(place: Place): readonly DecoratedLimit[] {
  return reflector.get<readonly DecoratedLimit[] | undefined>(LIMITS, place) ?? []
}

function nameOf(target: object, property: string | symbol | undefined): string {
  if (property === undefined) return (target as Place).name
  return `${target.constructor.name}.${String(property)}`
}
