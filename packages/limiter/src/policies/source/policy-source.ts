import { type Duration, parseDuration } from '../../core/duration.ts'
import { wrong } from '../../core/errors.ts'
import type { Attributes } from '../../core/key.ts'
import type { PolicyOptions } from '../../core/policy-options.ts'
import type { Rate } from '../../core/rate.ts'
import type { RuleOptions } from '../../core/rule.ts'
import { checkFields, isWhole } from '../../core/validate.ts'
import { policiesOf } from './loaded-value.ts'

/**
 * What `load` may resolve to: a rate, a rule, or several of them, which are one policy named `default`; or policies. An empty
 * list limits nothing.
 */
export type Loaded =
  | Rate
  | RuleOptions
  | PolicyOptions
  | readonly (Rate | RuleOptions)[]
  | readonly PolicyOptions[]

/** Options of {@link policySource}. */
export interface PolicySourceOptions {
  /**
   * Whose limits apply to a request, such as a tenant: a text or a whole number. Each has budgets of its own. Where it returns
   * something else or throws, the call fails with `invalid-key`.
   */
  readonly key: (attributes: Attributes) => Attributes[string]
  /** Finds the limits of one key, in a database for example. Called once at a time for a key. */
  readonly load: (key: string) => Loaded | Promise<Loaded>
  /**
   * How long limits are used before they are loaded again, by the next call that needs them.
   * @default '30s'
   */
  readonly ttl?: Duration
  /**
   * Most keys whose limits are kept; the one used longest ago is dropped. Keys whose limits could never be loaded do not count:
   * besides them at most as many are remembered, and no more than 1000.
   * @default 10000
   */
  readonly max?: number
  /**
   * What applies while `load` fails or takes too long: `stale` are the limits loaded last, else `fallback`; `throw` rejects the
   * call with `source-unavailable`. The next try for a key is after a second, or after `ttl` where that is shorter.
   * @default 'stale'
   */
  readonly onError?: 'stale' | 'throw'
  /**
   * Limits of a key whose limits could never be loaded, with `onError: 'stale'`.
   * @default none: the call rejects with `source-unavailable`
   */
  readonly fallback?: Loaded
}

/** Policies that are loaded by key; made by {@link policySource}. */
export class PolicySource {
  readonly key: PolicySourceOptions['key']
  readonly load: PolicySourceOptions['load']
  readonly ttlMs: number
  readonly max: number
  readonly onError: 'stale' | 'throw'
  readonly fallback: readonly PolicyOptions[] | null

  /** Checks the options; a mistake is an `invalid-options` error. */
  constructor(options: PolicySourceOptions) {
    checkFields(options, ['key', 'load', 'ttl', 'max', 'onError', 'fallback'], 'source')
    const { key, load, ttl = '30s', max = 10_000, onError = 'stale', fallback } = options
    if (typeof key !== 'function') throw wrong(key, 'is not a function of attributes', 'source.key')
    if (typeof load !== 'function') throw wrong(load, 'is not a function of a key', 'source.load')
    if (!isWhole(max, 1)) throw wrong(max, 'is not a number of keys; use 1 or more', 'source.max')
    if (onError !== 'stale' && onError !== 'throw') {
      throw wrong(onError, 'is neither stale nor throw', 'source.onError')
    }
    if (onError === 'throw' && fallback !== undefined) {
      throw wrong(fallback, 'never applies with onError: throw; leave it out', 'source.fallback')
    }
    this.key = key
    this.load = load
    this.ttlMs = parseDuration(ttl, 'source.ttl')
    this.max = max
    this.onError = onError
    this.fallback = fallback === undefined ? null : policiesOf(fallback, 'source.fallback')
  }
}

/**
 * Policies that are loaded by key: asynchronous, cached for a while, bounded. For `policies` of `createLimiter`.
 *
 * ```ts
 * createLimiter({ policies: policySource({ key: (a) => a.tenant, load: (tenant) => db.limitsOf(tenant) }) })
 * ```
 */
export function policySource(options: PolicySourceOptions): PolicySource {
  return new PolicySource(options)
}
