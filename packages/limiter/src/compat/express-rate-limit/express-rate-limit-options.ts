import type { NextFunction, Request, RequestHandler, Response } from 'express'
import type { Store } from '../../core/store.ts'
import type { ClientRateLimitInfo, HitStore } from './hit-store.ts'

/** A function of the request that says a value, or resolves to it. */
export type ValueDeterminingMiddleware<T> = (request: Request, response: Response) => T | Promise<T>

/** Answers a request that is above its limit, or calls `next` to let it pass. */
// biome-ignore lint/complexity/useMaxParams: the signature of the function that it stands for
export type RateLimitExceededEventHandler = (
  request: Request,
  response: Response,
  next: NextFunction,
  optionsUsed: Options,
) => void | Promise<void>

/** Which draft of the IETF header fields follow; 6, 7 and 8 are here. */
export type DraftHeadersVersion = 'draft-6' | 'draft-7' | 'draft-8'

/** Where failures go that fail no request. */
export interface Logger {
  error(error: unknown, message?: string): void
  warn(error: unknown, message?: string): void
}

/** What `request.rateLimit` says, of this limiter alone. */
export interface RateLimitInfo {
  limit: number
  /** Requests in this window with this one, also where it is denied: 6 of 5 for each that is denied. */
  used: number
  remaining: number
  resetTime: Date | undefined
  key: string
}

/** A request that has passed a limiter of the default `requestPropertyName`. */
export type AugmentedRequest = Request & { [key: string]: RateLimitInfo }

/** Options of `rateLimit`, all of which may be left out. */
export interface Options {
  /**
   * Milliseconds from the first request of a key until it begins anew, whole and at least 1.
   * @default 60000
   */
  windowMs: number
  /**
   * Requests of a key that pass in a window; 0 denies all, `Infinity` none.
   * @default 5
   */
  limit: number | ValueDeterminingMiddleware<number>
  /** Another name of `limit`, which goes before it where both are given. */
  max?: number | ValueDeterminingMiddleware<number>
  /**
   * Body of a denial: a text, data for JSON, or a function of the request.
   * @default 'Too many requests, please try again later.'
   */
  message: unknown
  /** @default 429 */
  statusCode: number
  /**
   * Answers a denial; then `message` and `statusCode` count only as far as it uses them.
   * @default sends `message` with `statusCode`
   */
  handler: RateLimitExceededEventHandler
  /**
   * Whether responses have `X-RateLimit-Limit`, `-Remaining` and `-Reset`, in seconds since 1970.
   * @default true
   */
  legacyHeaders: boolean
  /** Another name of `legacyHeaders`. */
  headers?: boolean
  /**
   * The `RateLimit` header fields by a draft of the IETF; true is draft 6.
   * @default false
   */
  standardHeaders: boolean | DraftHeadersVersion
  /**
   * Name of the policy in the fields of draft 8.
   * @default such as '100-in-15min'
   */
  identifier: string | ValueDeterminingMiddleware<string>
  /**
   * Seconds that `Retry-After` tells in place of the true wait; it needs header fields of either kind.
   * @default the true wait
   */
  retryAfter?: number | ValueDeterminingMiddleware<number>
  /**
   * Property of requests that has the {@link RateLimitInfo}.
   * @default 'rateLimit'
   */
  requestPropertyName: string
  /**
   * Whose budget it is: what is no text counts as its text, and undefined, null and `''` as without a `keyGenerator`.
   * @default `request.ip`, of IPv6 its network
   */
  keyGenerator: ValueDeterminingMiddleware<string>
  /**
   * Leading bits by which IPv6 counts where there is no `keyGenerator`, 32 to 128; false: whole addresses.
   * @default 56
   */
  ipv6Subnet: number | false | ValueDeterminingMiddleware<number>
  /**
   * Whether a request is not counted at all.
   * @default none is
   */
  skip: ValueDeterminingMiddleware<boolean>
  /**
   * Whether requests that fail are given back once they have been answered, and those whose client left.
   * @default false
   */
  skipFailedRequests: boolean
  /**
   * Whether requests that succeed are given back once they have been answered.
   * @default false
   */
  skipSuccessfulRequests: boolean
  /**
   * What counts as success for these two.
   * @default a status below 400
   */
  requestWasSuccessful: ValueDeterminingMiddleware<boolean>
  /**
   * What counts: a store of `express-rate-limit`, which then decides as it does there, or one of ours. Our `redisStore` has a
   * second to answer.
   * @default new MemoryStore()
   */
  store: HitStore | Store
  /**
   * Whether requests pass where the store fails; else the failure goes to the error handler of the application.
   * @default false
   */
  passOnStoreError: boolean
  /** Accepted, without effect: what is wrong is an error or a warning of Headgate. */
  validate?: boolean | { [check: string]: boolean }
  /**
   * Told of failures of the store that fail no request.
   * @default the console
   */
  logger: Logger
}

/** A middleware, and what can be asked of it by key. */
export type RateLimitRequestHandler = RequestHandler & {
  /** Has a key begin anew. */
  resetKey(key: string): void | Promise<void>
  /** How often a key was counted in this window; undefined where it was not. */
  getKey(key: string): Promise<ClientRateLimitInfo | undefined> | ClientRateLimitInfo | undefined
}
