import type { Decision, Denied } from '../core/decision.ts'
import type { Duration } from '../core/duration.ts'
import type { ResilienceOptions } from '../core/guarded-store.ts'
import type { Attributes } from '../core/key.ts'
import type { Limiter } from '../core/limiter.ts'
import type { HeaderFields } from '../core/policy-answer.ts'
import type { AccessOptions } from '../core/policy-options.ts'
import type { Rate } from '../core/rate.ts'
import type { Store } from '../core/store.ts'
import type { LimiterOptions, SimpleOptions } from '../create-limiter.ts'
import type { HeaderOptions } from '../http/header-options.ts'
import type { FieldKey } from '../http/identity-keys.ts'
import type { AdaptiveLimit } from './adaptive-limit.ts'
import type { Logger, LogLevel } from './decision-log.ts'
import type { Outcome } from './exchange.ts'
import type { MaybePromise } from './maybe-promise.ts'

/** A value, or a function that computes it for each request. */
export type PerRequest<R, T> = T | ((request: R) => MaybePromise<T>)

/** A rate, several, or with `window` beside it a number of units. */
export type Limit = Rate | readonly Rate[] | number

/** Whose budget is spent; a request without a key (null, undefined, '') is counted by its address. */
export type Key = string | number | null | undefined

/** What callbacks get beside the decision. */
export interface DecisionContext<R> {
  readonly request: R
  /** Sets a header field of the response. */
  setHeader(name: string, value: string): void
  /** What a script replied behind its header values; empty without one. */
  readonly extra: readonly unknown[]
}

/** A response to a request that is denied. */
export interface DeniedResponse {
  /**
   * @default 429, or 503 where the store did not answer
   */
  readonly status?: number
  /** Header fields beside those that tell of limits; `cache-control` is `no-store` unless it is given here. */
  readonly headers?: HeaderFields
  /** A text is sent as it is, anything else as JSON. */
  readonly body?: unknown
}

/** Of the limiter that decides. */
export interface LimiterPart<R>
  extends ResilienceOptions,
    AccessOptions,
    Omit<SimpleOptions<Store>, 'limit' | 'store' | 'policy' | 'name' | 'key' | 'missing' | 'health'> {
  /**
   * Units per window: `'100/min'`, `['10/s', '1000/day']` of which all have to pass, or a number beside `window`. A function
   * is asked with every request, and may be async; a rate of another window is a budget of its own. `adaptive` makes one that
   * falls while the application is slow.
   */
  readonly limit?: PerRequest<R, Limit> | AdaptiveLimit
  /** The window of a `limit` that is a number: `'15m'`, or milliseconds. */
  readonly window?: Duration
  /** Several policies, or a `policySource`, in place of `limit`. */
  readonly policies?: Extract<LimiterOptions<Store>, { policies: unknown }>['policies']
  /** A limiter that exists, in place of `limit` and `policies`: it is shared with whoever else uses it. */
  readonly limiter?: Limiter
  /**
   * Name of the limit in header fields and keys. Limits of one name on one store share their budgets.
   * @default 'default'
   */
  readonly name?: string
  /**
   * Put before the name, as in `shop/login`: two services with the same names and one store have budgets of their own.
   * @default none
   */
  readonly prefix?: string
  /**
   * Where state lives.
   * @default a memory store of its own
   */
  readonly store?: Store
}

/** Of one use of a limiter: how a request is read, and how it is answered. */
export interface RequestPart<R> {
  /**
   * Whose budget a request spends: the name of an attribute (`ip`, `route`, `method`, `host`, `path`, or `global` for one
   * budget for all), several for a budget per combination, a function of the request, or one of `headgate/http` such as
   * `byApiKey()`. A request without the value is counted by its address. Clients choose `host`, `path` and, but for HTTP/1
   * under Node, `method`: where one of them is part of a key, each value has a budget of its own.
   * @default 'ip'
   */
  readonly key?:
    | string
    | readonly string[]
    | ((request: R) => MaybePromise<Key>)
    | Pick<FieldKey, 'readsFields'>
  /**
   * Further attributes, for `policies`, `allow` and `deny`. Every request has `method`, `path` and `route`, and `ip` and `host`
   * where they are known.
   * @default none
   */
  readonly attributes?: (request: R) => MaybePromise<Attributes>
  /**
   * Units that a request spends.
   * @default 1
   */
  readonly cost?: PerRequest<R, number>
  /**
   * Whether a request is not limited at all.
   * @default no request
   */
  readonly skip?: (request: R) => MaybePromise<boolean>
  /**
   * Units that a request has really cost, known when the response has ended, also by an abort: `cost` is the estimate until
   * then. More than the estimate is spent even into debt. A response that takes more than a day gets nothing back.
   * @default the estimate
   */
  readonly charge?: (outcome: Outcome, request: R) => MaybePromise<number>
  /**
   * Gives back what a successful request spent, for limits of failures such as wrong passwords.
   * @default false
   */
  readonly skipSuccessful?: boolean
  /**
   * Gives back what a failed request spent; not where the client hung up, which it could do with each request.
   * @default false
   */
  readonly skipFailed?: boolean
  /**
   * What counts as success for `skipSuccessful` and `skipFailed`.
   * @default a status below 400; a response that was not sent to its end is neither, and nothing is given back
   */
  readonly isSuccessful?: (outcome: Outcome, request: R) => MaybePromise<boolean>
  /**
   * Has a request wait for its turn for up to this long, instead of denying it at once.
   * @default no wait
   */
  readonly slowDown?: Duration
  /**
   * Which header fields tell clients of the limit; with `false` none but `Retry-After`, and bodies name no policy either.
   * @default draft-ietf-httpapi-ratelimit-headers-11
   */
  readonly headers?: false | HeaderOptions
  /**
   * The response to a denied request: a problem document (RFC 9457), a JSON envelope, a line of text, or your own. That of the
   * policy that denies, where it has one, goes before it.
   * @default 'problem'
   */
  readonly response?:
    | 'problem'
    | 'json'
    | 'text'
    | DeniedResponse
    | ((decision: Denied, context: DecisionContext<R>) => MaybePromise<DeniedResponse>)
  /** Called with every decision; what it throws or rejects with becomes a warning, and the decision stands. */
  readonly onDecision?: (decision: Decision, context: DecisionContext<R>) => unknown
  /** Called with every denial. */
  readonly onLimited?: (decision: Denied, context: DecisionContext<R>) => unknown
  /** Called with every decision in which a rule in shadow would have denied. */
  readonly onShadowDenied?: (decision: Decision, context: DecisionContext<R>) => unknown
  /**
   * Writes a line for every decision that the store could not make (`error`), for every denial too (`info`), or for all
   * decisions (`debug`).
   * @default 'silent'
   */
  readonly logLevel?: LogLevel
  /**
   * Where lines are written.
   * @default console
   */
  readonly logger?: Logger
  /**
   * Addresses and networks of the proxies whose forwarded address is believed; `unix` for peers without an address.
   * @default none: the address is that of the connection
   */
  readonly trustedProxies?: readonly string[]
  /**
   * The one header field that the proxies write the address into: `x-forwarded-for`, `forwarded`, or one with a single address.
   * @default 'x-forwarded-for'
   */
  readonly addressHeader?: string
}

/** Options of `rateLimit`. */
export interface RateLimitOptions<R> extends LimiterPart<R>, RequestPart<R> {}
