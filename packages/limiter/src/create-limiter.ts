import type { CustomAlgorithm } from './core/algorithm.ts'
import { registered } from './core/algorithms/registered.ts'
import { checkResilience } from './core/check-resilience.ts'
import { checkStore } from './core/check-store.ts'
import { type Clock, checkClock, systemClock } from './core/clock.ts'
import { invalid, show, wrong } from './core/errors.ts'
import { type GuardedStore, isGuardable, type ResilienceOptions } from './core/guarded-store.ts'
import type { Limiter } from './core/limiter.ts'
import type { AccessOptions, PolicyOptions } from './core/policy-options.ts'
import type { Rate } from './core/rate.ts'
import { type RuleOptions, ruleFields } from './core/rule.ts'
import { clockOf, isPartitioned, isSync, type Store, type SyncStore } from './core/store.ts'
import { checkFields, isRecord } from './core/validate.ts'
import { registerUnnamed } from './limiter/shared-counter-warning.ts'
import { StoreLimiter } from './limiter/store-limiter.ts'
import { compileSwitch, type Switch } from './limiter/switch.ts'
import type { PolicyContext } from './policies/compile-policy.ts'
import { compileRules } from './policies/compile-rules.ts'
import { memoryStore } from './stores/memory/index.ts'

interface CommonOptions<S extends Store> extends ResilienceOptions, AccessOptions {
  /**
   * Where state lives.
   * @default memoryStore()
   */
  readonly store?: S
  /** Algorithms of your own, made by `defineAlgorithm` of `headgate/custom`, to be named in rules. Give them to `redisStore` as well. */
  readonly algorithms?: readonly CustomAlgorithm[]
  /**
   * A switch, or a function that is read with every call; while it says no, everything passes with the reason `disabled`.
   * `'true'` and `'false'` are what environment variables say.
   * @default true
   */
  readonly enabled?: Switch | (() => Switch)
  /**
   * Whether `health()` counts decisions and measures how long they take also where the store is in this process, which
   * costs about as much as a decision there. Listeners have it counted too; for stores elsewhere it always is.
   * @default false
   */
  readonly health?: boolean
  /**
   * Time for waits, reservations, deadlines and what decides while the store cannot; the store has its own.
   * @default that of a store in this process, else the system's
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
const common = ['store', 'algorithms', 'enabled', 'clock', 'allow', 'deny', 'health', ...resilience]

/**
 * Creates a limiter. The one place that wires policies and a store together.
 *
 * ```ts
 * const limiter = createLimiter({ limit: '100/min' })
 * const { allowed, retryAfterMs } = await limiter.consume('alice')
 * ```
 */
export function createLimiter<S extends Store = SyncStore>(options: LimiterOptions<S>): Limiter<S> {
  checkOptions(options)
  const { enabled = true, store = memoryStore(), health = false } = options
  const custom = registered(options.algorithms, 'options.algorithms')
  const context: PolicyContext = { custom, stores: isPartitioned(store) ? store.names : undefined }
  const policies = 'policies' in options ? options.policies : [simplePolicy(options)]
  let forget = (): void => {}
  const limiter = new StoreLimiter({
    policies: { policies, ...accessOf(options) },
    context,
    store: guardOf(store, options) ?? store,
    clock: options.clock ?? clockOf(store) ?? systemClock(),
    enabled: compileSwitch(enabled),
    health,
    async onClose() {
      forget()
      if (options.store === undefined) await store.close()
    },
  })
  // Only now that the rules are known to be right.
  if (!('policies' in options))
    forget = registerUnnamed(store, compileRules(policies[0]?.rules, 'options', custom))
  return limiter as unknown as Limiter<S>
}

function checkOptions<S extends Store>(options: LimiterOptions<S>): void {
  if (!isRecord(options)) {
    throw wrong(options, 'is not an object; pass { limit: "100/min" }, or { policies: […] }', 'options')
  }
  const isPolicies = 'policies' in options
  if (isPolicies && 'limit' in options) {
    throw invalid('options', 'limit and policies are both there; give one or the other')
  }
  checkFields(options, [...common, ...(isPolicies ? ['policies'] : ruleFields)], 'options')
  checkResilience(options)
  checkClock(options.clock, 'options.clock')
  if (options.health !== undefined && typeof options.health !== 'boolean') {
    throw wrong(options.health, 'is not true or false', 'options.health')
  }
  if (options.store !== undefined) checkStore(options.store, 'options.store')
}

function accessOf({ allow, deny }: AccessOptions): AccessOptions {
  return { ...(allow !== undefined && { allow }), ...(deny !== undefined && { deny }) }
}

/** What guards a store that can fail; null for one that is used as it is. */
function guardOf<S extends Store>(store: Store, options: LimiterOptions<S>): GuardedStore | null {
  const { clock } = options
  if (isGuardable(store)) return store.guard({ ...options, local: () => memoryStore(clock && { clock }) })
  const given = resilience.find((name) => options[name] !== undefined)
  // One set of options serves development and production: a store that cannot fail has no use for them.
  if (given === undefined || isSync(store)) return null
  throw invalid(`options.${given}`, 'this store has no guard; pass guarded(store)')
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
