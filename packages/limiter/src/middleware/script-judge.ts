import { unjudgedDecision } from '../core/decision.ts'
import { wrongKey } from '../core/errors.ts'
import type { ScriptArguments, ScriptLimiter } from '../script/script-limiter.ts'
import type { Exchange } from './exchange.ts'
import type { Judge, Judgement } from './judgement.ts'
import { andThen, isPromiseLike, type MaybePromise } from './maybe-promise.ts'
import type { ReadAddress } from './request-who.ts'
import type { ScriptRateLimitOptions } from './script-rate-limit-options.ts'

/** Asks a script of the user's about requests. */
export class ScriptJudge<R> implements Judge<R> {
  readonly #script: ScriptLimiter
  readonly #options: ScriptRateLimitOptions<R>
  readonly #addressOf: ReadAddress

  constructor(options: ScriptRateLimitOptions<R>, addressOf: ReadAddress) {
    this.#script = options.script
    this.#options = options
    this.#addressOf = addressOf
  }

  judge(exchange: Exchange<R>): MaybePromise<Judgement | null> {
    const { key = () => this.#addressOf(exchange), args = [] } = this.#options
    const keys = key(exchange.request)
    const given = typeof args === 'function' ? args(exchange.request) : args
    if (!isPromiseLike(keys) && !isPromiseLike(given)) return this.#ask(exchange, keys, given)
    return Promise.all([keys, given]).then(([keys, given]) => this.#ask(exchange, keys, given))
  }

  /** What a script has written only the script could take back. */
  async undo(): Promise<void> {}

  #ask(
    exchange: Exchange<R>,
    given: string | readonly string[] | null | undefined,
    args: ScriptArguments,
  ): MaybePromise<Judgement | null> {
    const keys = given === undefined || given === null || given === '' ? this.#addressOf(exchange) : given
    if (keys === null) return null
    if (typeof keys !== 'string' && !Array.isArray(keys)) {
      throw wrongKey(keys, 'is no key; return a text, or a list of texts', 'options.key')
    }
    return andThen(this.#script.run([keys].flat() as string[], args), (result) => {
      const { allowed, reason, source, headers, extra } = result
      const retryAfterMs = allowed ? 0 : retryAfterOf(headers['retry-after'])
      const decision = unjudgedDecision({ allowed, reason, source, cost: 1, retryAfterMs })
      return { decision, key: undefined, fields: headers, extra, reservation: null }
    })
  }
}

/** Milliseconds of a `Retry-After` in seconds; null where the script tells none. */
function retryAfterOf(seconds: string | undefined): number | null {
  return seconds !== undefined && /^\d{1,9}$/.test(seconds) ? Number(seconds) * 1000 : null
}
