import type { Decision } from '../../core/decision.ts'
import { HeadgateError, invalid, wrongKey } from '../../core/errors.ts'
import { encodeKey } from '../../core/key.ts'
import type { CallOptions, Limiter } from '../../core/limiter.ts'
import type { Store } from '../../core/store.ts'
import { createLimiter } from '../../create-limiter.ts'
import type { RateLimiterLike } from './rate-limiter-like.ts'
import {
  checkNone,
  millisecondsOf,
  type NoOptions,
  type RateLimiterOptions,
  toldMs,
} from './rate-limiter-options.ts'
import { RateLimiterRes } from './rate-limiter-res.ts'

/** What only some limiters have. */
export interface RateLimiterParts {
  readonly store: Store
  readonly insurance?: RateLimiterLike | undefined
  readonly deadlineMs?: number | undefined
}

/** More points than any limiter has: what is left of it tells how many are consumed, also above `points`. */
const COUNTED = 2 ** 51

/** A limiter with the methods of `rate-limiter-flexible`, over a store of ours. */
export abstract class RateLimiterAbstract implements RateLimiterLike {
  readonly points: number
  readonly duration: number
  readonly keyPrefix: string
  readonly blockDuration: number
  readonly execEvenly: boolean
  readonly execEvenlyMinDelayMs: number
  readonly #limiter: Limiter
  readonly #insurance: RateLimiterLike | undefined
  readonly #windowMs: number
  /** For calls that cannot be denied, and that ask how much is consumed. */
  readonly #counted: CallOptions

  protected constructor(options: RateLimiterOptions, { store, insurance, deadlineMs }: RateLimiterParts) {
    const { points, duration, keyPrefix = 'rlflx', blockDuration = 0, execEvenly = false } = options
    this.points = points
    this.duration = duration
    this.keyPrefix = keyPrefix
    this.blockDuration = blockDuration
    this.execEvenly = execEvenly
    this.#windowMs = millisecondsOf(duration, 'options.duration')
    this.execEvenlyMinDelayMs =
      options.execEvenlyMinDelayMs ?? (points > 0 ? Math.ceil((duration * 1000) / points) : 0)
    this.#counted = { limit: { limit: COUNTED, window: this.#windowMs } }
    this.#insurance = insurance
    const rule = {
      name: 'points',
      algorithm: 'fixed-window',
      limit: { limit: points, window: this.#windowMs },
    }
    const ban = blockDuration === 0 ? [] : [millisecondsOf(blockDuration, 'options.blockDuration')]
    this.#limiter = createLimiter<Store>({
      store,
      policies: [{ name: 'points', rules: [rule], ...(ban.length > 0 && { ban }) }],
      onStoreError: 'closed',
      // This process never decides by a share of the limits, so nobody has to know how many there are.
      replicas: 1,
      ...(deadlineMs !== undefined && { deadlineMs }),
    })
  }

  /** Length of `duration` in milliseconds. */
  get msDuration(): number {
    return this.duration * 1000
  }

  /** Length of `blockDuration` in milliseconds. */
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
    return this.#insured(
      async () => {
        checkNone(options)
        const decision = this.#answered(
          await this.#limiter.consume(this.#who(key), { cost: pointsToConsume }),
        )
        if (!decision.allowed) return Promise.reject(this.#rejection(decision, decision.retryAfterMs))
        const res = this.#result(decision, pointsToConsume)
        return this.execEvenly && res.msBeforeNext > 0 && !res.isFirstInDuration ? this.#delayed(res) : res
      },
      (insurance) => insurance.consume(key, pointsToConsume),
    )
  }

  /** Consumes points, also more than there are; never rejects with a {@link RateLimiterRes}. */
  penalty(key: string | number, points = 1, options?: NoOptions): Promise<RateLimiterRes> {
    return this.#insured(
      async () => {
        checkNone(options)
        return this.#result(await this.#limiter.charge(this.#who(key), points, this.#counted), points)
      },
      (insurance) => insurance.penalty(key, points),
    )
  }

  /** Gives points back, at most those that are consumed. */
  reward(key: string | number, points = 1, options?: NoOptions): Promise<RateLimiterRes> {
    return this.#insured(
      async () => {
        checkNone(options)
        return this.#result(await this.#limiter.credit(this.#who(key), points, this.#counted))
      },
      (insurance) => insurance.reward(key, points),
    )
  }

  /** What is consumed now; null where nothing is, and the key is not blocked. */
  get(key: string | number): Promise<RateLimiterRes | null> {
    return this.#insured(
      () => this.#get(key),
      (insurance) => insurance.get(key),
    )
  }

  /** Sets the points consumed, from now on for the `duration` of the limiter. It ends a block. */
  set(key: string | number, points: number, secDuration: number = this.duration): Promise<RateLimiterRes> {
    return this.#insured(
      async () => {
        if (millisecondsOf(secDuration, 'secDuration') !== this.#windowMs) {
          const fix = 'leave it out, use block, or create a limiter of that duration'
          throw invalid(
            'secDuration',
            `${secDuration} is not the duration of this limiter, ${this.duration}; ${fix}`,
          )
        }
        await this.#limiter.reset(this.#who(key))
        return this.#result(await this.#limiter.charge(this.#who(key), points, this.#counted))
      },
      (insurance) => insurance.set(key, points, secDuration),
    )
  }

  /** Rejects every call of the key for so many seconds from now; 0: until it is deleted. */
  block(key: string | number, secDuration: number): Promise<RateLimiterRes> {
    return this.#insured(
      async () => {
        const ms = millisecondsOf(secDuration, 'secDuration')
        await this.#limiter.block(this.#who(key), ms)
        return new RateLimiterRes(0, toldMs(ms), this.points + 1)
      },
      (insurance) => insurance.block(key, secDuration),
    )
  }

  /** Forgets what is consumed, and a block. Resolves to whether there was any of it. */
  delete(key: string | number): Promise<boolean> {
    return this.#insured(
      async () => {
        const was = await this.#get(key)
        await this.#limiter.reset(this.#who(key))
        return was !== null
      },
      (insurance) => insurance.delete(key),
    )
  }

  async #get(key: string | number): Promise<RateLimiterRes | null> {
    const decision = this.#answered(await this.#limiter.peek(this.#who(key), { ...this.#counted, cost: 0 }))
    const { allowed, retryAfterMs, resetAfterMs } = decision
    if (allowed) return resetAfterMs === 0 ? null : this.#result(decision)
    return this.#rejection(decision, Math.max(retryAfterMs ?? 0, resetAfterMs ?? 0))
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

  #who(key: string | number): string {
    if (typeof key === 'string' || Number.isFinite(key)) return encodeKey([this.keyPrefix, String(key)])
    throw wrongKey(key, 'is not a key; pass a text or a number')
  }

  /** A decision that the store made; anything else is an error. */
  #answered(decision: Decision): Decision {
    if (decision.source !== 'closed') return decision
    const fix = 'give the limiter an insuranceLimiter, or a higher deadlineMs'
    throw new HeadgateError('store-unavailable', `the store did not answer; ${fix}`)
  }

  #result(decision: Decision, spent = 0): RateLimiterRes {
    const { limit, remaining, resetAfterMs } = this.#answered(decision)
    const consumed = (limit ?? 0) - (remaining ?? 0)
    const left = Math.max(this.points - consumed, 0)
    return new RateLimiterRes(left, toldMs(resetAfterMs ?? 0), consumed, spent > 0 && consumed === spent)
  }

  /** A key that is blocked has consumed one point too many, as in the original. */
  #rejection({ reason, limit, remaining }: Decision, waitMs: number | null): RateLimiterRes {
    const ms = waitMs === null ? Number.MAX_SAFE_INTEGER : toldMs(waitMs)
    const consumed = (limit ?? 0) - (remaining ?? 0)
    return reason === 'blocked'
      ? new RateLimiterRes(0, ms, Math.max(consumed, this.points + 1))
      : new RateLimiterRes(Math.max(this.points - consumed, 0), ms, consumed)
  }

  /** Answers later, so that what is left of the points spreads over what is left of the duration. */
  #delayed(res: RateLimiterRes): Promise<RateLimiterRes> {
    const { remainingPoints, msBeforeNext, consumedPoints } = res
    const even = Math.ceil(msBeforeNext / (remainingPoints + 2))
    const delayMs = even < this.execEvenlyMinDelayMs ? consumedPoints * this.execEvenlyMinDelayMs : even
    const later = new RateLimiterRes(remainingPoints, Math.max(msBeforeNext - delayMs, 0), consumedPoints)
    return new Promise((resolve) => setTimeout(resolve, delayMs, later))
  }
}
