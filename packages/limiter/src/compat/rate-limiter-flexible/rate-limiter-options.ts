import { invalid, show, wrong } from '../../core/errors.ts'
import { checkFields, isRecord, isWhole } from '../../core/validate.ts'
import type { RedisClient } from '../../stores/redis/index.ts'
import type { RateLimiterLike } from './rate-limiter-like.ts'

/** Options of every limiter; times are seconds, with fractions down to 0.001. */
export interface RateLimiterOptions {
  /** Points that can be consumed over `duration`, a whole number; 0 rejects everything. */
  readonly points: number
  /** Seconds from the first consumed point until all come back; 0: they never do. */
  readonly duration: number
  /**
   * Sets the keys of limiters apart; those of the same prefix, store, and duration share their points.
   * @default 'rlflx'
   */
  readonly keyPrefix?: string
  /**
   * Seconds for which a key is blocked from the first rejected call on. A block never lets a key in before its duration ends.
   * @default 0, no block
   */
  readonly blockDuration?: number
  /**
   * Whether allowed calls are delayed so that they spread over the duration: with 2 of 5 points left and 4 s to go, by 1 s.
   * @default false
   */
  readonly execEvenly?: boolean
  /**
   * Milliseconds that a delay lasts at least, times the points consumed.
   * @default duration * 1000 / points
   */
  readonly execEvenlyMinDelayMs?: number
  /** Always so: this process answers a key that is out of points by itself, for up to a second at a time. */
  readonly inMemoryBlockOnConsumed?: number
}

/** Options of a limiter in Redis or Valkey. */
export interface RateLimiterRedisOptions extends RateLimiterOptions {
  /** A client of `ioredis` 6, `redis` 6 or `iovalkey`, which you configure and close. */
  readonly storeClient: RedisClient
  /**
   * Answers while the store does not.
   * @default none: calls reject with an error
   */
  readonly insuranceLimiter?: RateLimiterLike
  /**
   * Milliseconds that Redis may take to answer; then the call is a failure. After some failures in a row calls fail at once,
   * until Redis answers again.
   * @default 1000, since a call that fails is an error of yours to handle, unless there is an insurance
   */
  readonly deadlineMs?: number
  /** Always so: a store that is not there is a failure within `deadlineMs`, and at once as soon as that is known. */
  readonly rejectIfRedisNotReady?: boolean
  /** Always so: clients are told apart by what they can do. */
  readonly useRedisPackage?: boolean
}

const fields = [
  'points',
  'duration',
  'keyPrefix',
  'blockDuration',
  'execEvenly',
  'execEvenlyMinDelayMs',
  'inMemoryBlockOnConsumed',
]
const redisFields = [
  ...fields,
  'storeClient',
  'insuranceLimiter',
  'deadlineMs',
  'rejectIfRedisNotReady',
  'useRedisPackage',
]

/** Options of the original that are not taken, and what to do instead. */
const instead: Readonly<Record<string, string>> = {
  blockOnConsumed: 'rejected calls consume nothing here; use blockDuration',
  inMemoryBlockDuration: 'use blockDuration, which holds in every process at no further call of the store',
  customIncrTtlLuaScript: 'use createLimiter with an algorithm made by defineAlgorithm of headgate/custom',
  useRedis3AndLowerPackage: 'pass a client of redis 6, ioredis 6 or iovalkey',
}

/** Options of one call, of which none is taken: a key has the duration of its limiter. */
export type NoOptions = Readonly<Record<string, never>>

/** Limit of the longest duration that our rules take, for points that never come back. */
const FOREVER_MS = 100 * 365 * 86_400_000

/** Checks the options of a limiter in this process. */
export function checkOptions(options: RateLimiterOptions): void {
  checkKnown(options, fields)
}

/** Checks the options of a limiter in Redis. */
export function checkRedisOptions(options: RateLimiterRedisOptions): void {
  checkKnown(options, redisFields)
  if (options.storeClient !== undefined) return
  throw invalid('options', 'storeClient is missing; pass a client of ioredis 6, redis 6 or iovalkey')
}

/** Checks the points of a limiter. */
export function checkPoints(points: unknown): number {
  if (isWhole(points, 0)) return points
  throw wrong(points, 'is not a number of points; pass a whole number of 0 or more', 'options.points')
}

/** Checks that a call has no options of its own. */
export function checkNone(options: NoOptions | undefined): void {
  if (options === undefined) return
  const [name] = Object.keys(options)
  if (name === undefined) return
  throw invalid(`options.${name}`, 'is not taken; create a limiter with the duration that you want')
}

/** Seconds as whole milliseconds; 0 is as long as a limiter can count. */
export function millisecondsOf(seconds: number, path: string): number {
  const ms = typeof seconds === 'number' ? Math.round(seconds * 1000) : Number.NaN
  if (seconds === 0 || (ms >= 1 && ms <= FOREVER_MS)) return ms || FOREVER_MS
  throw wrong(seconds, 'is not a number of seconds; pass 0.001 or more, or 0 for ever', path)
}

/** A time as the original tells it: -1 where it is so long that nobody set it but by 0, for ever. */
export function toldMs(ms: number): number {
  return ms > FOREVER_MS / 2 ? -1 : ms
}

function checkKnown(options: RateLimiterOptions, known: readonly string[]): void {
  for (const name of isRecord(options) ? Object.keys(options) : []) {
    const fix = instead[name]
    if (fix !== undefined && !known.includes(name)) throw invalid(`options.${name}`, `is not taken; ${fix}`)
  }
  checkFields(options, known, 'options')
  if (typeof (options.keyPrefix ?? '') === 'string') return
  throw invalid('options.keyPrefix', `${show(options.keyPrefix)} is not a text; pass one such as "login"`)
}
