import type { CustomAlgorithm } from './core/algorithm.ts'
import { registered } from './core/algorithms/registered.ts'
import { type Clock, systemClock } from './core/clock.ts'
import { invalid, show } from './core/errors.ts'
import type { GuardedStore, ResilienceOptions } from './core/guard.ts'
import type { Limiter } from './core/limiter.ts'
import type { PolicyOptions } from './core/policy.ts'
import type { Rate } from './core/rate.ts'
import { type RuleOptions, ruleFields } from './core/rule.ts'
import type { Store, SyncStore } from './core/store.ts'
import { checkFields } from './core/validate.ts'
import { StoreLimiter } from './limiter/store-limiter.ts'
import { memoryStore } from './stores/memory/index.ts'

interface CommonOptions<S extends Store> extends ResilienceOptions {
  /**
   * Where state lives.
   * @default memoryStore()
   */
  readonly store?: S
  /** Algorithms of your own, made by `defineAlgorithm` of `headgate/custom`, to be named in rules. Give them to `redisStore` as well. */
  readonly algorithms?: readonly CustomAlgorithm[]
  /**
   * A switch read with every call; while it says no, everything passes with the reason `disabled`.
   * @default true
   */
  readonly enabled?: boolean | (() => boolean)
  /**
   * Time for waits, reservations, deadlines and what decides while the store cannot; the store has its own.
   * @default the system's
   */
  readonly clock?: Clock
}

/** Limits on a plain key: one rule, or several rates that must all pass. */
export interface SimpleOptions<S extends Store> extends CommonOptions<S>, Omit<RuleOptions, 'limit'> {
  readonly limit: Rate | readonly Rate[]
}

/** Policies, each with its own requests, key and rules. */
export interface PoliciesOptions<S extends Store> extends CommonOptions<S> {
  readonly policies: readonly PolicyOptions[]
}

/** Options of {@link createLimiter}. */
export type LimiterOptions<S extends Store> = SimpleOptions<S> | PoliciesOptions<S>

const resilience = ['onStoreError', 'deadlineMs', 'replicas'] as const
const common = ['store', 'algorithms', 'enabled', 'clock', ...resilience]

/**
 * Creates a limiter. The one place that wires policies and a store together.
 *
 * ```ts
 * const limiter = createLimiter({ limit: '100/min' })
 * const { allowed, retryAfterMs } = await limiter.consume('alice')
 * ```
 */
export function createLimiter<S extends Store = SyncStore>(options: LimiterOptions<S>): Limiter<S> {
  checkFields(options, [...common, ...('policies' in options ? ['policies'] : ruleFields)], 'options')
  const { enabled = true, store = memoryStore() } = options
  const limiter = new StoreLimiter({
    policies: 'policies' in options ? options.policies : [simplePolicy(options)],
    known: { custom: registered(options.algorithms, 'options.algorithms'), stores: store.names },
    store: guardOf(store, options) ?? store,
    clock: options.clock ?? systemClock(),
    enabled: typeof enabled === 'function' ? enabled : () => enabled,
    ownsStore: options.store === undefined,
  })
  return limiter as unknown as Limiter<S>
}

/** What guards a store that can fail; null for one that is used as it is. */
function guardOf<S extends Store>(store: Store, options: LimiterOptions<S>): GuardedStore | null {
  const { clock } = options
  if (store.guard) return store.guard({ ...options, local: () => memoryStore(clock && { clock }) })
  const given = resilience.find((name) => options[name] !== undefined)
  if (given === undefined) return null
  const fix = store.synchronous ? 'cannot fail; remove it' : 'has no guard; pass guarded(store)'
  throw invalid(`options.${given}`, `this store ${fix}`)
}

function simplePolicy<S extends Store>(options: SimpleOptions<S>): PolicyOptions {
  const own = Object.entries(options).filter(([name]) => !common.includes(name))
  const { limit, ...rule } = Object.fromEntries(own) as unknown as Omit<SimpleOptions<S>, 'store'>
  if (limit === undefined) {
    throw invalid('options', 'a limiter needs a limit, such as limit: "100/min", or policies')
  }
  if (Array.isArray(limit) && rule.name !== undefined) {
    const fix = 'use policies, with a name for each'
    throw invalid('options.name', `name ${show(rule.name)} cannot name several rules; ${fix}`)
  }
  const rates = [limit].flat() as Rate[]
  return { name: 'default', rules: rates.map((rate) => ({ ...rule, limit: rate })) }
}
