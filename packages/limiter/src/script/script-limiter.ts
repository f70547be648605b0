/** A Lua script of the user's as a limiter: it alone decides, and says which header fields tell of that. */
import { HeadgateError, wrong } from '../core/errors.ts'
import { checkKey } from '../core/key.ts'
import { isWhole } from '../core/validate.ts'
import { failureListener } from './failure-listener.ts'
import { LoadedScript } from './loaded-script.ts'
import { readScriptReply } from './read-script-reply.ts'
import { DISABLED, type ScriptDecision, undecided } from './script-decision.ts'
import { type ScriptConfig, type ScriptLimiterOptions, scriptConfig } from './script-options.ts'
import { withinDeadline } from './within-deadline.ts'

/** What a script is given besides its keys: texts, and whole numbers, which it gets as texts. */
export type ScriptArguments = readonly (string | number)[]

/** Decides by a Lua script. */
export interface ScriptLimiter {
  /**
   * Asks the script: `KEYS` are the keys, at least one, and `ARGV` the arguments. Rejects with `invalid-key` or
   * `invalid-options` for others than texts and whole numbers; never because the script gives no answer.
   */
  run(keys: readonly string[], args?: ScriptArguments): Promise<ScriptDecision>
  /**
   * Loads the script into the server, so that a mistake in it shows at start, and the first decision takes one round trip as
   * all others do. Rejects where that fails. Need not be called, and has no deadline.
   */
  load(): Promise<void>
}

/**
 * Makes a limiter of a Lua script and a client: an algorithm that no rule describes, or a script that exists already. It is
 * loaded once, and sent again where the server has forgotten it. A mistake in the options is an `invalid-options` error.
 *
 * ```ts
 * const hourly = scriptLimiter({
 *   script: `local count = redis.call('INCR', KEYS[1])
 *     if count == 1 then redis.call('EXPIRE', KEYS[1], 3600) end
 *     return { count <= tonumber(ARGV[1]) and 'allow' or 'deny', { ARGV[1] } }`,
 *   headers: ['x-ratelimit-limit'],
 *   call: (command) => client.call(...command),
 *   onStoreError: 'closed',
 * })
 * const { allowed, headers } = await hourly.run(['user:7'], [100])
 * ```
 */
export function scriptLimiter(options: ScriptLimiterOptions): ScriptLimiter {
  const config = scriptConfig(options)
  const script = new LoadedScript(config.script, config.call)
  const tellFailure = failureListener(config)
  return {
    async run(keys, args = []) {
      const sent = scriptArguments(keys, args)
      if (!config.isEnabled()) return DISABLED
      try {
        return await ask(script, sent, config)
      } catch (reason) {
        script.abandonLoad()
        const error = failureOf(reason)
        tellFailure(error)
        return undecided(config.onStoreError, error)
      }
    },
    async load() {
      await script.load().catch((reason: unknown) => {
        throw failureOf(reason)
      })
    },
  }
}

async function ask(script: LoadedScript, sent: string[], config: ScriptConfig): Promise<ScriptDecision> {
  const reply = await withinDeadline((waiting) => script.run(sent, waiting), config)
  return readScriptReply(reply, config.headers)
}

function failureOf(reason: unknown): HeadgateError {
  if (HeadgateError.is(reason)) return reason
  const { message } = HeadgateError.from(reason)
  return new HeadgateError('store-unavailable', `The script gave no answer: ${message}`, { cause: reason })
}

/** What stands behind the script in EVALSHA: the number of keys, the keys, the arguments. */
function scriptArguments(keys: readonly string[], args: ScriptArguments): string[] {
  if (!Array.isArray(keys) || keys.length === 0) {
    throw wrong(keys, 'is not a list of one or more keys; pass [key]', 'keys')
  }
  if (!Array.isArray(args)) throw wrong(args, 'is not a list of arguments; pass [100, 60]', 'args')
  return [String(keys.length), ...keys.map(checkKey), ...args.map(argumentText)]
}

function argumentText(value: unknown, i: number): string {
  if (typeof value === 'string') return value
  if (isWhole(value, Number.MIN_SAFE_INTEGER)) return String(value)
  throw wrong(value, 'is neither a text nor a whole number; pass it as a text', `args[${i}]`)
}
