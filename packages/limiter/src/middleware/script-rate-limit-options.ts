import type { FieldKey } from '../http/identity-keys.ts'
import type { ScriptArguments, ScriptLimiter } from '../script/script-limiter.ts'
import type { MaybePromise } from './maybe-promise.ts'
import type { LimiterPart, PerRequest, RequestPart } from './rate-limit-options.ts'

/** Keys of a script: one, or several. */
export type ScriptKeys = string | readonly string[]

/** Options of `rateLimit` where a Lua script decides: it says itself which header fields tell of it. */
export interface ScriptRateLimitOptions<R>
  extends Pick<
      RequestPart<R>,
      | 'skip'
      | 'response'
      | 'onDecision'
      | 'onLimited'
      | 'logLevel'
      | 'logger'
      | 'trustedProxies'
      | 'addressHeader'
    >,
    Pick<LimiterPart<R>, 'enabled' | 'ipv6Prefix'> {
  /** The script, made by `scriptLimiter` of `headgate/script`. */
  readonly script: ScriptLimiter
  /**
   * The `KEYS` of the script, unchanged: one or several, by a function or one of `headgate/http`, such as `byApiKey()`. `address` is that of the client, null where nobody knows it. A request
   * for which this returns none is counted by its address, as `~i203.0.113.7`; what it throws fails the request.
   * @default the address of the client: scripts that share a server need keys of their own
   */
  readonly key?:
    | ((request: R, address: string | null) => MaybePromise<ScriptKeys | null | undefined>)
    | Pick<FieldKey, 'readsFields'>
  /**
   * The `ARGV` of the script.
   * @default none
   */
  readonly args?: PerRequest<R, ScriptArguments>
}
