import type { Decision } from '../core/decision.ts'
import { HeadgateError } from '../core/errors.ts'
import type { Who } from '../core/key.ts'
import type { CallOptions, Limiter, Reservation } from '../core/limiter.ts'
import type { Rate } from '../core/rate.ts'
import type { SyncStore } from '../core/store.ts'
import { windowDenial } from '../http/window-denial.ts'
import type { Exchange } from './exchange.ts'
import { type Judge, type Judgement, NO_EXTRA, Refusal, UNKNOWN_CLIENT } from './judgement.ts'
import type { KeyText } from './key-text.ts'
import { heard, isPromiseLike, type MaybePromise } from './maybe-promise.ts'
import type { MiddlewareLimiter } from './middleware-limiter.ts'
import type { ReadWho } from './request-who.ts'

/** How a limiter is asked about a request. */
export interface LimiterJudgeConfig<R> extends MiddlewareLimiter {
  readonly who: ReadWho<R>
  /** Null where no header field tells whose budget it is. */
  readonly keyText: KeyText | null
  /** Null for the cost of the policies. */
  readonly cost: ((request: R) => MaybePromise<number>) | null
  /** Null for the rates of the policies. */
  readonly limit: ((request: R) => MaybePromise<Rate | readonly Rate[]>) | null
  /** Whether spends are settled after the response. */
  readonly settles: boolean
  /** How long a request may wait for its turn; null for not at all. */
  readonly slowDownMs: number | null
}

/** A policy with `missing: refuse`, or a source of policies, finds no key in attributes that are all right. */
const LACKING = new Refusal('The request does not say whose it is')
/** Its limits cannot be loaded, so that nobody knows whether the request may pass. */
const NO_LIMITS = new Refusal(
  'The limits of this request cannot be loaded at the moment',
  'source-unavailable',
)
/** How long a response may take to be settled: streams are long, and a service takes no more. */
const SETTLE_WITHIN = '1d'
/** Nobody reads the answer to a client that went away while its request waited; for the application it is no failure. */
const GONE = new Refusal('The client has gone away')

/** Asks a limiter about requests. */
export class LimiterJudge<R> implements Judge<R> {
  readonly #config: LimiterJudgeConfig<R>

  constructor(config: LimiterJudgeConfig<R>) {
    this.#config = config
  }

  judge(exchange: Exchange<R>): MaybePromise<Judgement | Refusal> {
    const who = heard(this.#config.who(exchange))
    const options = this.#callOptions(exchange.request)
    if (!isPromiseLike(who) && !isPromiseLike(options)) return this.#ask(who, options, exchange)
    return Promise.all([who, options]).then(([who, options]) => this.#ask(who, options, exchange))
  }

  async undo({ decision, reservation }: Judgement): Promise<void> {
    if (reservation !== null) await reservation.cancel()
    else if (decision.receipt !== null) await this.#config.limiter.refund(decision.receipt)
  }

  /** Undefined for none, with which a decision in memory is fastest. */
  #callOptions(request: R): MaybePromise<CallOptions | undefined> {
    const { cost, limit } = this.#config
    if (cost === null && limit === null) return undefined
    const asked = heard(cost?.(request))
    const rates = limit?.(request)
    if (!isPromiseLike(asked) && !isPromiseLike(rates)) return callOptions(asked, rates)
    return Promise.all([asked, rates]).then(([asked, rates]) => callOptions(asked, rates))
  }

  #ask(
    who: Who | Refusal,
    options: CallOptions | undefined,
    exchange: Exchange<R>,
  ): MaybePromise<Judgement | Refusal> {
    if (who instanceof Refusal) return who
    const { limiter, isSync, settles, slowDownMs, keyText } = this.#config
    const key = keyText?.(who)
    if (!isSync || settles || slowDownMs !== null) return this.#askLater({ who, options, key }, exchange)
    try {
      return judgementOf((limiter as Limiter<SyncStore>).consumeSync(who, options), key)
    } catch (reason) {
      return judgedAnyway(reason, who, key)
    }
  }

  #askLater({ who, options, key }: Question, exchange: Exchange<R>): Promise<Judgement | Refusal> {
    const { limiter, settles, slowDownMs } = this.#config
    const judged = (decision: Decision): Judgement => judgementOf(decision, key)
    const recover = (reason: unknown): Judgement | Refusal => judgedAnyway(reason, who, key)
    if (settles) {
      const held = limiter.reserve(who, { ...options, ttl: SETTLE_WITHIN })
      return held.then((reservation) => judgementOf(reservation, key, reservation)).catch(recover)
    }
    if (slowDownMs === null) return limiter.consume(who, options).then(judged).catch(recover)
    // Read only here: adapters make it when it is asked for.
    const { signal } = exchange
    const turn = { ...options, timeout: slowDownMs, ...(signal !== undefined && { signal }) }
    return limiter
      .wait(who, turn)
      .then(judged)
      .catch((reason: unknown) => (signal?.aborted === true ? GONE : recover(reason)))
  }
}

/** Who asks for what, and whose budget that is. */
interface Question {
  readonly who: Who
  readonly options: CallOptions | undefined
  readonly key: string | undefined
}

function callOptions(cost: number | undefined, limit: Rate | readonly Rate[] | undefined): CallOptions {
  return { ...(cost !== undefined && { cost }), ...(limit !== undefined && { limit }) }
}

function judgementOf(
  decision: Decision,
  key: string | undefined,
  reservation: Reservation | null = null,
): Judgement {
  return { decision, key, fields: null, extra: NO_EXTRA, reservation }
}

/** What a failed call comes to that is no failure of the program; the rest is thrown. */
function judgedAnyway(reason: unknown, who: Who, key: string | undefined): Judgement | Refusal {
  if (!HeadgateError.is(reason)) throw reason
  if (reason.code === 'invalid-key' && typeof who !== 'string') {
    if (who['ip'] === undefined) return UNKNOWN_CLIENT
    if (Object.values(who).every(isAttribute)) return LACKING
  }
  if (reason.code === 'source-unavailable') return NO_LIMITS
  return judgementOf(windowDenial(reason, 1), key)
}

/** What is no attribute was computed by the application, whose mistake it is. */
function isAttribute(value: unknown): boolean {
  return value === undefined || typeof value === 'string' || Number.isInteger(value) || Array.isArray(value)
}
