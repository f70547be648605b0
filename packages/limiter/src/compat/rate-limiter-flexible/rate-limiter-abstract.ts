import { HeadgateError, invalid, wrongKey } from '../../core/errors.ts'
import { encodeKey } from '../../core/key.ts'
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
  readonly #minDelayMs: number | undefined
  readonly #budget: PointsBudget
  readonly #insurance: RateLimiterLike | undefined
  #options: PointsOptions

  protected constructor(options: RateLimiterOptions, { insurance, ...home }: RateLimiterParts) {
    const { points, duration, keyPrefix = 'rlflx', blockDuration = 0, execEvenly = false } = options
    this.keyPrefix = keyPrefix
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
  consume(key: string | number, pointsToConsume = 1, options?: NoOptions): Promise<RateLimiterRes> {
    const call = async (): Promise<RateLimiterRes> => {
      checkNone(options)
      const decision = await this.#budget.consume(this.#stored(key), pointsToConsume)
      if (decision.allowed) return this.#evenly(resultOf(decision, this.points, pointsToConsume))
      return Promise.reject(rejectionOf(decision, this.points, decision.retryAfterMs))
    }
    return this.#insured(call, (insurance) => insurance.consume(key, pointsToConsume))
  }

  /** Consumes points, also more than there are; never rejects with a {@link RateLimiterRes}. */
  penalty(key: string | number, points = 1, options?: NoOptions): Promise<RateLimiterRes> {
    const call = async (): Promise<RateLimiterRes> => {
      checkNone(options)
      return resultOf(await this.#budget.charge(this.#stored(key), points), this.points, points)
    }
    return this.#insured(call, (insurance) => insurance.penalty(key, points))
  }

  /** Gives points back, at most those that are consumed. */
  reward(key: string | number, points = 1, options?: NoOptions): Promise<RateLimiterRes> {
    const call = async (): Promise<RateLimiterRes> => {
      checkNone(options)
      return resultOf(await this.#budget.credit(this.#stored(key), points), this.points)
    }
    return this.#insured(call, (insurance) => insurance.reward(key, points))
  }

  /**
   * What is consumed now; null where nothing is, and the key is not blocked. Rejected calls are not in it: `consumedPoints` is
   * above `points` only for a key that is blocked, or has a penalty. Ask for `remainingPoints` of 0 to know who is out of points.
   */
  get(key: string | number): Promise<RateLimiterRes | null> {
    return this.#insured(
      () => this.#get(key),
      (insurance) => insurance.get(key),
    )
  }

  /** Sets the points consumed, from now on for the `duration` of the limiter. It ends a block. */
  set(key: string | number, points: number, secDuration: number = this.duration): Promise<RateLimiterRes> {
    const call = async (): Promise<RateLimiterRes> => {
      if (millisecondsOf(secDuration, 'secDuration') !== this.#terms(this.#options).windowMs) {
        const fix = 'use that, or block, or create a limiter of the other duration'
        throw invalid('secDuration', `this limiter has a duration of ${this.duration} s; ${fix}`)
      }
      await this.#budget.reset(this.#stored(key))
      return resultOf(await this.#budget.charge(this.#stored(key), points), this.points)
    }
    return this.#insured(call, (insurance) => insurance.set(key, points, secDuration))
  }

  /** Rejects every call of the key for so many seconds from now; 0: until it is deleted. */
  block(key: string | number, secDuration: number): Promise<RateLimiterRes> {
    const call = async (): Promise<RateLimiterRes> => {
      const ms = millisecondsOf(secDuration, 'secDuration')
      await this.#budget.block(this.#stored(key), ms)
      return new RateLimiterRes(0, toldMs(ms), this.points + 1)
    }
    return this.#insured(call, (insurance) => insurance.block(key, secDuration))
  }

  /** Forgets what is consumed, and a block. Resolves to whether there was any of it. */
  delete(key: string | number): Promise<boolean> {
    const call = async (): Promise<boolean> => {
      const was = await this.#get(key)
      await this.#budget.reset(this.#stored(key))
      return was !== null
    }
    return this.#insured(call, (insurance) => insurance.delete(key))
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

  /** Carries out a call of the store; where that cannot answer, the insurance does instead. */
  async #insured<T>(call: () => Promise<T>, instead: (insurance: RateLimiterLike) => Promise<T>): Promise<T> {
    try {
      return await call()
    } catch (reason) {
      const isFailure = HeadgateError.is(reason) && reason.code === 'store-unavailable'
      if (!isFailure || this.#insurance === undefined) throw reason
      return instead(this.#insurance)
    }
  }

  #stored(key: string | number): string {
    if (typeof key === 'string' || Number.isFinite(key)) return encodeKey([this.keyPrefix, String(key)])
    throw wrongKey(key, 'is not a key; pass a text or a number')
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
