import type { Decision } from '../../core/decision.ts'
import { HeadgateError, invalid, wrongKey } from '../../core/errors.ts'
import { PointsBudget, type PointsHome, type PointsTerms } from './points-budget.ts'
import type { RateLimiterLike } from './rate-limiter-like.ts'
import {
  checkNone,
  checkPoints,
  millisecondsOf,
  type NoOptions,
  type RateLimiterOptions,
  toldMs,
} from './rate-limiter-options.ts'
import { RateLimiterRes } from './rate-limiter-res.ts'
import { rejectionOf, resultOf } from './result-of.ts'

/** Where the points are, and what answers while that does not. */
export interface RateLimiterParts extends PointsHome {
  readonly insurance?: RateLimiterLike | undefined
}

/** What may change while a limiter runs. */
type PointsOptions = Required<Pick<RateLimiterOptions, 'points' | 'duration' | 'blockDuration'>>

/** A limiter with the methods of `rate-limiter-flexible`, over a store of ours. */
export abstract class RateLimiterAbstract implements RateLimiterLike {
  readonly keyPrefix: string
  /** See {@link RateLimiterOptions.execEvenly}. */
  execEvenly: boolean
  readonly #prefix: string
  readonly #minDelayMs: number | undefined
  readonly #budget: PointsBudget
  readonly #insurance: RateLimiterLike | undefined
  #options: PointsOptions

  protected constructor(options: RateLimiterOptions, { insurance, ...home }: RateLimiterParts) {
    const { points, duration, keyPrefix = 'rlflx', blockDuration = 0, execEvenly = false } = options
    this.keyPrefix = keyPrefix
    this.#prefix = `${keyPrefix.length}:${keyPrefix}`
    this.execEvenly = execEvenly
    this.#minDelayMs = options.execEvenlyMinDelayMs
    this.#options = { points, duration, blockDuration }
    this.#budget = new PointsBudget(this.#terms(this.#options), home)
    this.#insurance = insurance
  }

  /** See {@link RateLimiterOptions.points}. Other points keep what keys have consumed. */
  get points(): number {
    return this.#options.points
  }

  set points(points: number) {
    this.#change({ points })
  }

  /** See {@link RateLimiterOptions.duration}. With another duration every key begins anew. */
  get duration(): number {
    return this.#options.duration
  }

  set duration(duration: number) {
    this.#change({ duration })
  }

  /** See {@link RateLimiterOptions.blockDuration}. Blocks that hold stay as they are. */
  get blockDuration(): number {
    return this.#options.blockDuration
  }

  set blockDuration(blockDuration: number) {
    this.#change({ blockDuration })
  }

  /** See {@link RateLimiterOptions.execEvenlyMinDelayMs}. */
  get execEvenlyMinDelayMs(): number {
    return this.#minDelayMs ?? (this.points > 0 ? Math.ceil(this.msDuration / this.points) : 0)
  }

  /** `duration` in milliseconds. */
  get msDuration(): number {
    return this.duration * 1000
  }

  /** `blockDuration` in milliseconds. */
  get msBlockDuration(): number {
    return this.blockDuration * 1000
  }

  /** The key with its prefix. It is stored in another form, in which no key can reach into another prefix. */
  getKey(key: string | number): string {
    return this.keyPrefix === '' ? String(key) : `${this.keyPrefix}:${key}`
  }

  /** The key without its prefix. */
  parseKey(prefixed: string): string {
    return this.keyPrefix === '' ? prefixed : prefixed.slice(this.keyPrefix.length + 1)
  }

  /** Consumes points. Rejects with a {@link RateLimiterRes} where there are too few; then none is consumed. */
  async consume(key: string | number, pointsToConsume = 1, options?: NoOptions): Promise<RateLimiterRes> {
    let decision: Decision
    try {
      checkNone(options)
      decision = await this.#budget.consume(this.#stored(key), pointsToConsume)
    } catch (reason) {
      return this.#insuranceFor(reason).consume(key, pointsToConsume)
    }
    if (!decision.allowed) throw rejectionOf(decision, this.points, this.#waitOf(decision))
    return this.#evenly(resultOf(decision, this.points, pointsToConsume))
  }

  /** Consumes points, also more than there are; never rejects with a {@link RateLimiterRes}. */
  async penalty(key: string | number, points = 1, options?: NoOptions): Promise<RateLimiterRes> {
    try {
      checkNone(options)
      return resultOf(await this.#budget.charge(this.#stored(key), points), this.points, points)
    } catch (reason) {
      return this.#insuranceFor(reason).penalty(key, points)
    }
  }

  /** Gives points back, at most those that are consumed. */
  async reward(key: string | number, points = 1, options?: NoOptions): Promise<RateLimiterRes> {
    try {
      checkNone(options)
      return resultOf(await this.#budget.credit(this.#stored(key), points), this.points)
    } catch (reason) {
      return this.#insuranceFor(reason).reward(key, points)
    }
  }

  /**
   * What is consumed now; null where nothing is, and the key is not blocked. Rejected calls are not in it: `consumedPoints` is
   * above `points` only for a key that is blocked, or has a penalty. Ask for `remainingPoints` of 0 to know who is out of points.
   */
  async get(key: string | number): Promise<RateLimiterRes | null> {
    try {
      return await this.#get(key)
    } catch (reason) {
      return this.#insuranceFor(reason).get(key)
    }
  }

  /** Sets the points consumed, from now on for the `duration` of the limiter. It ends a block. */
  async set(
    key: string | number,
    points: number,
    secDuration: number = this.duration,
  ): Promise<RateLimiterRes> {
    try {
      this.#checkDuration(secDuration)
      await this.#budget.reset(this.#stored(key))
      return resultOf(await this.#budget.charge(this.#stored(key), points), this.points)
    } catch (reason) {
      return this.#insuranceFor(reason).set(key, points, secDuration)
    }
  }

  /** Rejects every call of the key for so many seconds from now; 0: until it is deleted. */
  async block(key: string | number, secDuration: number): Promise<RateLimiterRes> {
    try {
      const ms = millisecondsOf(secDuration, 'secDuration')
      await this.#budget.block(this.#stored(key), ms)
      return new RateLimiterRes(0, toldMs(ms), this.points + 1)
    } catch (reason) {
      return this.#insuranceFor(reason).block(key, secDuration)
    }
  }

  /** Forgets what is consumed, and a block. Resolves to whether there was any of it. */
  async delete(key: string | number): Promise<boolean> {
    try {
      const was = await this.#get(key)
      await this.#budget.reset(this.#stored(key))
      return was !== null
    } catch (reason) {
      return this.#insuranceFor(reason).delete(key)
    }
  }

  /** Ends the timers of this limiter, which can keep a process running for a second. The client stays open. */
  close(): Promise<void> {
    return this.#budget.close()
  }

  async #get(key: string | number): Promise<RateLimiterRes | null> {
    const decision = await this.#budget.look(this.#stored(key))
    const { allowed, retryAfterMs, resetAfterMs } = decision
    if (allowed) return resetAfterMs === 0 ? null : resultOf(decision, this.points)
    return rejectionOf(decision, this.points, Math.max(retryAfterMs ?? 0, resetAfterMs ?? 0))
  }

  /** Where no wait helps, since the call asks for more than all points, it is until the points are back, as in the original. */
  #waitOf({ retryAfterMs, resetAfterMs }: Decision): number {
    return retryAfterMs ?? (resetAfterMs || this.#terms(this.#options).windowMs)
  }

  /** What answers in place of a store that did not; any other mistake is thrown again. */
  #insuranceFor(reason: unknown): RateLimiterLike {
    const isFailure = HeadgateError.is(reason) && reason.code === 'store-unavailable'
    if (!isFailure || this.#insurance === undefined) throw reason
    return this.#insurance
  }

  /** The key behind its prefix and the length of that, so that no key reaches into another prefix. */
  #stored(key: string | number): string {
    if (typeof key === 'string' || Number.isFinite(key)) return this.#prefix + key
    throw wrongKey(key, 'is not a key; pass a text or a number')
  }

  #checkDuration(seconds: number): void {
    if (millisecondsOf(seconds, 'secDuration') === this.#terms(this.#options).windowMs) return
    const fix = 'use that, or block, or create a limiter of the other duration'
    throw invalid('secDuration', `this limiter has a duration of ${this.duration} s; ${fix}`)
  }

  #terms({ points, duration, blockDuration }: PointsOptions): PointsTerms {
    const windowMs = millisecondsOf(duration, 'options.duration')
    const blockMs = blockDuration === 0 ? 0 : millisecondsOf(blockDuration, 'options.blockDuration')
    return { keyPrefix: this.keyPrefix, points: checkPoints(points), windowMs, blockMs }
  }

  #change(changed: Partial<PointsOptions>): void {
    const options = { ...this.#options, ...changed }
    this.#budget.change(this.#terms(options))
    this.#options = options
  }

  /** Answers later, so that what is left of the points spreads over what is left of the duration. */
  #evenly(res: RateLimiterRes): RateLimiterRes | Promise<RateLimiterRes> {
    const { remainingPoints, msBeforeNext, consumedPoints, isFirstInDuration } = res
    if (!this.execEvenly || msBeforeNext <= 0 || isFirstInDuration) return res
    const even = Math.ceil(msBeforeNext / (remainingPoints + 2))
    const delayMs = even < this.execEvenlyMinDelayMs ? consumedPoints * this.execEvenlyMinDelayMs : even
    const later = new RateLimiterRes(remainingPoints, Math.max(msBeforeNext - delayMs, 0), consumedPoints)
    return new Promise((resolve) => setTimeout(resolve, delayMs, later))
  }
}
