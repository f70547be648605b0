import { bucket } from '../core/algorithms/bucket.ts'
import { builtIns } from '../core/algorithms/registry.ts'
import { invalid, wrong } from '../core/errors.ts'
import type { Limiter } from '../core/limiter.ts'
import type { Rate } from '../core/rate.ts'
import { isSync, type Store } from '../core/store.ts'
import { createLimiter, type LimiterOptions } from '../create-limiter.ts'
import { AdaptiveLimit } from './adaptive-limit.ts'
import type { Limit, LimiterPart } from './rate-limit-options.ts'

/** The limiter of a middleware. */
export interface MiddlewareLimiter {
  readonly limiter: Limiter
  /** Whether it decides without a promise. */
  readonly isSync: boolean
}

/** What makes a limiter, and is no use together with one that exists. */
const ownFields = [
  'limit window policies name prefix store algorithm burst segments align timezone',
  'algorithms onStoreError deadlineMs replicas minReplicas clock allow deny shadow mode rollout ban lease overdraw ipv6Prefix hashKeys',
].flatMap((names) => names.split(' '))

/** The rule that stands for a computed limit until a call has one: its window pairs with no other that is likely. */
const COMPUTED: Rate = { limit: 1, window: '99y' }
/** The same where windows are units of the calendar. */
const COMPUTED_BY_CALENDAR: Rate = { limit: 1, window: '1y' }

/** Names of the options that {@link limiterOf} takes. */
export const limiterFields: readonly string[] = [...ownFields, 'limiter']

/** The limiter that options ask for, or the one they have; `key` is that of its policy. A mistake is an `invalid-options` error. */
export function limiterOf<R>(options: LimiterPart<R>, key: string | readonly string[]): MiddlewareLimiter {
  const { limiter, policies, store } = options
  if (limiter !== undefined) {
    const own = ownFields.find((field) => options[field as keyof typeof options] !== undefined)
    if (own !== undefined) throw invalid(`options.${own}`, 'a limiter that exists has its own; leave one out')
    if (!isLimiter(limiter))
      throw wrong(limiter, 'is no limiter; pass what createLimiter returns', 'options.limiter')
    return { limiter, isSync: false }
  }
  const created = createLimiter(policies === undefined ? simpleOf(options, key) : severalOf(options))
  return { limiter: created, isSync: (store === undefined || isSync(store)) && !isSource(policies) }
}

/** That of the service is none: its policies are known only over the network. */
function isLimiter(limiter: Partial<Limiter> | null): limiter is Limiter {
  return typeof limiter?.policies?.list === 'function' && Array.isArray(limiter.policies.list())
}

function severalOf<R>(options: LimiterPart<R>): LimiterOptions<Store> {
  const { window, name, prefix, ipv6Prefix, ...rest } = ofLimiter(options)
  const extra = Object.entries({ window, name, prefix, ipv6Prefix }).find(([, value]) => value !== undefined)
  if (extra === undefined) return rest as unknown as LimiterOptions<Store>
  throw invalid(`options.${extra[0]}`, 'policies have their own; leave it out')
}

function simpleOf<R>(options: LimiterPart<R>, key: string | readonly string[]): LimiterOptions<Store> {
  const { limit, window, name, prefix, ...rest } = ofLimiter(options)
  checkBucket(options)
  const rule =
    typeof limit === 'function'
      ? { limit: options.align === 'calendar' ? COMPUTED_BY_CALENDAR : COMPUTED, name: 'limit' }
      : { limit: ratesOf(limit instanceof AdaptiveLimit ? limit.highest : (limit as Limit), window) }
  const policy = policyName(name, prefix)
  return { ...rest, ...rule, key, ...(policy !== undefined && { policy }) } as LimiterOptions<Store>
}

/** The rate of a bucket has a budget of its own, and so cannot change with every call. */
function checkBucket<R>({ limit, burst, algorithm = '' }: LimiterPart<R>): void {
  if (typeof limit === 'function' && burst !== undefined) {
    throw invalid('options.burst', 'a computed limit has no burst of its own; use policies with overrides')
  }
  if (!(limit instanceof AdaptiveLimit)) return
  if (burst === undefined && !isBucket(algorithm)) return
  throw invalid('options.limit', 'an adaptive limit needs a window rule; leave burst and algorithm out')
}

function isBucket(algorithm: string): boolean {
  return builtIns.get(algorithm)?.kind === bucket.kind
}

function ofLimiter<R>(options: LimiterPart<R>): LimiterPart<R> {
  const own = Object.entries(options).filter(
    ([field, value]) => ownFields.includes(field) && value !== undefined,
  )
  return Object.fromEntries(own)
}

function policyName(name: string | undefined, prefix: string | undefined): string | undefined {
  return prefix === undefined ? name : `${prefix}/${name ?? 'default'}`
}

function isSource(policies: LimiterPart<unknown>['policies']): boolean {
  return policies !== undefined && !Array.isArray(policies)
}

/** A limit as rates: 100 with the window `1m` is 100 per minute. */
export function ratesOf(
  limit: Limit | undefined,
  window: LimiterPart<unknown>['window'],
): Rate | readonly Rate[] {
  if (typeof limit === 'number') {
    if (window !== undefined) return { limit, window }
    throw wrong(limit, 'needs a window; write limit: "100/min", or window: "1m" beside it', 'options.limit')
  }
  if (limit === undefined) {
    throw invalid('options', 'a limit is missing; give limit: "100/min", policies or a limiter')
  }
  if (typeof limit === 'string' && /^\s*\d+\s*$/.test(limit)) {
    throw wrong(limit, 'is a number as a text; pass a number, or a rate such as "100/min"', 'options.limit')
  }
  if (typeof limit !== 'string' && (typeof limit !== 'object' || limit === null)) {
    throw wrong(limit, 'is no limit; use a rate such as "100/min"', 'options.limit')
  }
  if (window === undefined) return limit
  throw wrong(window, 'is beside a limit that has its own; leave one out', 'options.window')
}
