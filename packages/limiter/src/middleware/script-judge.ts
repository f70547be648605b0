import { unjudgedDecision } from '../core/decision.ts'
import { wrong, wrongKey } from '../core/errors.ts'
import { fallbackKey } from '../core/key.ts'
import { isRecord } from '../core/validate.ts'
import type { ScriptArguments } from '../script/script-limiter.ts'
import type { Addresses } from './client-addresses.ts'
import type { Exchange } from './exchange.ts'
import { type Judge, type Judgement, Refusal, UNKNOWN_CLIENT } from './judgement.ts'
import { andThen, heard, isPromiseLike, type MaybePromise } from './maybe-promise.ts'
import { isFieldKey, readFields } from './request-who.ts'
import type { ScriptKeys, ScriptRateLimitOptions } from './script-rate-limit-options.ts'

/** Asks a script of the user's about requests. */
export class ScriptJudge<R> implements Judge<R> {
  readonly #options: ScriptRateLimitOptions<R>
  readonly #addresses: Addresses

  constructor(options: ScriptRateLimitOptions<R>, addresses: Addresses) {
    checkOptions(options)
    this.#options = options
    this.#addresses = addresses
  }

  judge(exchange: Exchange<R>): MaybePromise<Judgement | Refusal> {
    const { args = [] } = this.#options
    const address = this.#addresses.keyOf(exchange)
    const keys = heard(this.#read(exchange, address))
    const given = typeof args === 'function' ? args(exchange.request) : args
    if (!isPromiseLike(keys) && !isPromiseLike(given)) return this.#ask(keysOf(keys, address), given)
    return Promise.all([keys, given]).then(([keys, given]) => this.#ask(keysOf(keys, address), given))
  }

  /** What a script has written only the script could take back. */
  async undo(): Promise<void> {}

  #read(
    exchange: Exchange<R>,
    address: string | null,
  ): MaybePromise<ScriptKeys | Refusal | null | undefined> {
    const { key } = this.#options
    if (isFieldKey(key)) return readFields(key, exchange)
    return typeof key === 'function' ? key(exchange.request, address) : undefined
  }

  #ask(keys: readonly string[] | Refusal, args: ScriptArguments): MaybePromise<Judgement | Refusal> {
    if (keys instanceof Refusal) return keys
    return andThen(this.#options.script.run(keys, args), (result) => {
      const { allowed, reason, source, headers, extra } = result
      const retryAfterMs = allowed ? 0 : retryAfterOf(headers['retry-after'])
      const decision = unjudgedDecision({ allowed, reason, source, cost: 1, retryAfterMs })
      return { decision, key: undefined, fields: headers, extra, reservation: null }
    })
  }
}

function checkOptions({ script, key, args = [] }: ScriptRateLimitOptions<never>): void {
  if (!isRecord(script) || typeof script.run !== 'function') {
    throw wrong(script, 'is not a script limiter; pass what scriptLimiter returns', 'options.script')
  }
  if (key !== undefined && typeof key !== 'function') {
    const fix = 'a script has no attributes: pass a function that returns its keys'
    throw wrong(key, `is not a function; ${fix}`, 'options.key')
  }
  if (typeof args !== 'function' && !Array.isArray(args)) {
    throw wrong(args, 'is not a list of arguments; pass [100, 60], or a function', 'options.args')
  }
}

/** The keys of a request; a refusal where it has none, and nobody knows its address. */
function keysOf(
  given: ScriptKeys | Refusal | null | undefined,
  address: string | null,
): readonly string[] | Refusal {
  if (given === undefined || given === null || given === '') {
    return address === null ? UNKNOWN_CLIENT : [fallbackKey(address)]
  }
  if (given instanceof Refusal) return given
  if (typeof given === 'string') return [given]
  if (Array.isArray(given)) return given
  throw wrongKey(given, 'is no key; return a text, or a list of texts', 'options.key')
}

/** Milliseconds of a `Retry-After` in seconds; null where the script tells none. */
function retryAfterOf(seconds: string | undefined): number | null {
  return seconds !== undefined && /^\d{1,9}$/.test(seconds) ? Number(seconds) * 1000 : null
}
