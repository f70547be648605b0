import { invalid, wrong } from '../core/errors.ts'
import { checkFields, isRecord, suggest } from '../core/validate.ts'
import { memoryStore } from '../stores/memory/index.ts'
import { limiterFields } from './middleware-limiter.ts'
import { requestFields, scriptFields } from './option-fields.ts'
import type { RateLimitOptions } from './rate-limit-options.ts'
import type { ScriptRateLimitOptions } from './script-rate-limit-options.ts'

/** Options for a whole application. */
export interface RateLimitDefaults<R> extends RateLimitOptions<R> {
  /**
   * Limiters by name: `rateLimit('login')` is middleware with these options. All uses of a name share its budgets.
   * @default none
   */
  readonly limiters?: { readonly [name: string]: RateLimitOptions<R> }
}

/** Checks names of options, so that a typo shows before a limiter is first used. */
export function checkDefaults<R>(defaults: RateLimitDefaults<R>): void {
  const fields = [...limiterFields, ...requestFields]
  checkFields(defaults, [...fields, 'limiters'], 'defaults')
  const { limiters = {} } = defaults
  if (!isRecord(limiters)) throw wrong(limiters, 'is no map of options by name', 'defaults.limiters')
  for (const [name, options] of Object.entries(limiters)) {
    checkFields(options, fields, `defaults.limiters.${name}`)
  }
}

/** Of limiters by name all uses have to find one store, also where nobody gave one. */
export function withStore<R>(options: RateLimitOptions<R>, limiters: object): RateLimitOptions<R> {
  const needsStore = Object.keys(limiters).length > 0 && options.store === undefined
  return needsStore ? { ...options, store: memoryStore() } : options
}

/** The options of a limiter by name; an unknown name is an `invalid-options` error. */
export function named<R>(
  limiters: NonNullable<RateLimitDefaults<R>['limiters']>,
  name: string,
): RateLimitOptions<R> {
  const options = Object.hasOwn(limiters, name) ? limiters[name] : undefined
  if (isRecord(options)) return options
  const names = Object.keys(limiters)
  const fix = names.length === 0 ? ', which have none; give them limiters' : suggest(name, names)
  throw invalid('limiter', `there is no limiter ${JSON.stringify(name)} in the defaults${fix}`)
}

/** Options of a limiter by name, which is its name also in header fields and keys; policies, and a limiter that exists, have theirs. */
export function withName<R>(options: RateLimitOptions<R>, name: string): RateLimitOptions<R> {
  const hasOwn = options.policies !== undefined || options.limiter !== undefined
  return hasOwn ? options : { name, ...options }
}

/** What decides; an option of this list takes the place of all of them. */
const deciding: readonly string[] = ['limit', 'window', 'policies', 'limiter', 'script']

/** Options over others. A limiter that exists has a store and all else of its own, and a script needs none of it. */
export function combined<R>(
  base: RateLimitOptions<R>,
  over: RateLimitOptions<R> | ScriptRateLimitOptions<R>,
): RateLimitOptions<R> {
  if (!isRecord(over)) throw wrong(over, 'is no object of options; pass { limit: "100/min" }', 'options')
  const given = Object.entries(over).filter(([, value]) => value !== undefined)
  const stays = staysBeside(new Set(given.map(([field]) => field)))
  const kept = Object.entries(base).filter(stays)
  return Object.fromEntries([...kept, ...given])
}

function staysBeside(given: ReadonlySet<string>): (entry: [string, unknown]) => boolean {
  if (given.has('script')) return isOfScript
  if (given.has('limiter')) return ([field]) => !limiterFields.includes(field)
  const decides = deciding.some((field) => given.has(field))
  return ([field]) => !(decides && deciding.includes(field))
}

/** A script has no attributes that a key could name. */
function isOfScript([field, value]: [string, unknown]): boolean {
  return scriptFields.includes(field) && (field !== 'key' || typeof value === 'function')
}
