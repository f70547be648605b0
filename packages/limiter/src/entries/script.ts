/** The entry `headgate/script`: Lua scripts of your own as limiters. */

export type { ScriptCall, ScriptCommand } from '../script/loaded-script.ts'
export type { ScriptDecision } from '../script/script-decision.ts'
export { type ScriptArguments, type ScriptLimiter, scriptLimiter } from '../script/script-limiter.ts'
export type { ScriptLimiterOptions } from '../script/script-options.ts'
