import type { ScriptArguments, ScriptLimiter } from '../script/script-limiter.ts'
import type { MaybePromise } from './maybe-promise.ts'
import type { LimiterPart, PerRequest, RequestPart } from './rate-limit-options.ts'

/** Options of `rateLimit` where a Lua script decides: it says itself which header fields tell of it. */
export interface ScriptRateLimitOptions<R>
  extends Pick<
      RequestPart<R>,
      'skip' | 'response' | 'onDecision' | 'onLimited' | 'logLevel' | 'logger' | 'trustedProxies'
    >,
    Pick<LimiterPart<R>, 'enabled'> {
  /** The script, made by `scriptLimiter` of `headgate/script`. */
  readonly script: ScriptLimiter
  /**
   * The `KEYS` of the script: one or several. A request without is counted by its address.
   * @default the client address
   */
  readonly key?: (request: R) => MaybePromise<string | readonly string[] | null | undefined>
  /**
   * The `ARGV` of the script.
   * @default none
   */
  readonly args?: PerRequest<R, ScriptArguments>
}
