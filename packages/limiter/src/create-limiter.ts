import type { CustomAlgorithm } from './core/algorithm.ts'
import { registered } from './core/algorithms/custom-by-name.ts'
import { checkResilience } from './core/check-resilience.ts'
import { checkStore } from './core/check-store.ts'
import { type Clock, checkClock, systemClock } from './core/clock.ts'
import { compileSwitch, type Switch } from './core/enabled-switch.ts'
import { invalid, wrong } from './core/errors.ts'
import { type GuardedStore, isGuardable, type ResilienceOptions } from './core/guarded-store.ts'
import { compileHashKeys, type HashKeysOptions } from './core/hash-keys.ts'
import type { Limiter } from './core/limiter.ts'
import type { AccessOptions, PolicyOptions } from './core/policy-options.ts'
import type { Rate } from './core/rate.ts'
import type { RuleOptions } from './core/rule.ts'
import { warnOfSeparateMemory } from './core/separate-memory-warning.ts'
import { clockOf, isPartitioned, isSync, type Store, type SyncStore } from './core/store.ts'
import { checkFields, isRecord } from './core/validate.ts'
import { noteLimiter } from './limiter/per-request-warning.ts'
import { registerCounters } from './limiter/shared-counter-warning.ts'
import { StoreLimiter } from './limiter/store-limiter.ts'
import type { PolicyContext } from './policies/compile-policy.ts'
import { type SimplePolicy, type SimpleShadow, simpleFields, simplePolicy } from './policies/simple-policy.ts'
import { PolicySource } from './policies/source/policy-source.ts'
import { isMemoryStore, memoryStore } from './stores/memory/index.ts'

interface CommonOptions<S extends Store> extends ResilienceOptions, AccessOptions {
  /**
   * Holds state and makes decisions: `memoryStore()` for one process, `redisStore(…)` of `headgate/redis` for several. `close`
   * closes only the default store.
   * @default memoryStore()
   */
  readonly store?: S
  /**
   * Custom algorithms that rules may name, made by `defineAlgorithm` of `headgate/custom`. A `redisStore` needs them too.
   * @default none
   */
  readonly algorithms?: readonly CustomAlgorithm[]
  /**
   * Whether limits apply, or a function that is called with every call of the limiter and says so. While off, every request
   * passes with the reason `disabled`. Also takes the texts `'true'` and `'false'`, for environment variables.
   * @default true
   */
  readonly enabled?: Switch | (() => Switch)
  /**
   * Whether `health()` has the count and latency of decisions also for a store in this process, where measuring costs about
   * as much as a decision. Adding a listener turns it on too; for other stores it is always on.
   * @default false
   */
  readonly health?: boolean
  /**
   * Hashes keys by a secret, so that no value of an attribute leaves the process readable: the store, receipts, handles of reservations
   * and `policies.keysOf` have 144 bits of an HMAC in its place. Calls name whom they are about as before.
   * @default keys stay readable
   */
  readonly hashKeys?: HashKeysOptions
  /**
   * Time for waits, reservations, deadlines and the fallback. The store decides by its own clock.
   * @default the clock of a store in this process, else that of the system
   */
  readonly clock?: Clock
}

/** Options of a limiter with one policy for all requests, by plain key; its other fields are those of a rule. */
export interface SimpleOptions<S extends Store>
  extends CommonOptions<S>,
    Omit<RuleOptions, 'limit'>,
    Pick<
      PolicyOptions,
      'key' | 'missing' | 'ipv6Prefix' | 'overdraw' | 'mode' | 'rollout' | 'ban' | 'lease'
    > {
  /** One rate, or several that all have to pass: `['10/s', '100/min']`. */
  readonly limit: Rate | readonly Rate[]
  /**
   * Name of its policy in decisions, header fields and keys. Limiters of one name on one store share their budgets.
   * @default 'default'
   */
  readonly policy?: string
  /**
   * Another limit beside this one, counted without denying anything, and later decisive for a share of the keys.
   * @default none
   */
  readonly shadow?: SimpleShadow
}

/** Options of a limiter with several policies. */
export interface PoliciesOptions<S extends Store> extends CommonOptions<S> {
  /** Policies with different names, of which a request has to pass all that match it; or a `policySource`, which loads them. */
  readonly policies: readonly PolicyOptions[] | PolicySource
}

/** Options of {@link createLimiter}. */
export type LimiterOptions<S extends Store> = SimpleOptions<S> | PoliciesOptions<S>

const resilienceFields = ['onStoreError', 'deadlineMs', 'replicas', 'minReplicas'] as const
const commonFields = [
  'store',
  'algorithms',
  'enabled',
  'clock',
  'allow',
  'deny',
  'health',
  'hashKeys',
  ...resilienceFields,
]

/**
 * Creates a limiter, from one limit or from policies. Invalid options throw an `invalid-options` or `invalid-rule` error with
 * the path of the mistake.
 *
 * ```ts
 * const limiter = createLimiter({ limit: '100/min' })
 * const { allowed, retryAfterMs } = await limiter.consume('alice')
 * ```
 */
export function createLimiter<S extends Store = SyncStore>(options: LimiterOptions<S>): Limiter<S> {
  checkOptions(options)
  const { enabled = true, clock, health = false } = options
  const { store = memoryStore(clock && { clock }) } = options
  const custom = registered(options.algorithms, 'options.algorithms')
  const hashedKeys = compileHashKeys(options.hashKeys, 'options.hashKeys')
  const context: PolicyContext = {
    custom,
    stores: isPartitioned(store) ? store.names : undefined,
    hashedKeys,
  }
  const given = 'policies' in options ? options.policies : [simplePolicyOf(options)]
  const source = given instanceof PolicySource ? given : undefined
  const policies = given instanceof PolicySource ? [] : given
  let onClosed = (): void => {}
  const limiter = new StoreLimiter({
    policies: { policies, ...accessOf(options) },
    source,
    context,
    store: guardOf(store, options) ?? store,
    clock: options.clock ?? clockOf(store) ?? systemClock(),
    enabled: compileSwitch(enabled),
    health,
    onPolicies: (inUse) => registerCounters(store, inUse),
    async onClose() {
      onClosed()
      if (options.store === undefined) await store.close()
    },
  })
  // Last, so that a limiter whose options turn out to be invalid is not noted.
  if (isMemoryStore(store)) {
    warnOfSeparateMemory()
    onClosed = noteLimiter(store)
  }
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
  checkFields(options, [...commonFields, ...(isPolicies ? ['policies'] : simpleFields)], 'options')
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

/** Wraps a store that can fail in its guard; null for a store that needs none. */
function guardOf<S extends Store>(store: Store, options: LimiterOptions<S>): GuardedStore | null {
  const { clock } = options
  if (isGuardable(store)) return store.guard({ ...options, local: () => memoryStore(clock && { clock }) })
  const unusable = resilienceFields.find((name) => options[name] !== undefined)
  // A store in this process ignores these options, so that development and production can share them.
  if (unusable === undefined || isSync(store)) return null
  throw invalid(`options.${unusable}`, 'this store has no guard; pass guarded(store)')
}

/** The policy of a limiter without `policies`. */
function simplePolicyOf<S extends Store>(options: SimpleOptions<S>): PolicyOptions {
  const own = Object.entries(options).filter(([name]) => simpleFields.includes(name))
  return simplePolicy(Object.fromEntries(own) as unknown as SimplePolicy)
}
