import type { Decision } from '../core/decision.ts'
import { wrong } from '../core/errors.ts'

/** Where lines go: `console`, or a logger of pino's or winston's kind. */
export interface Logger {
  error(fields: object, message: string): void
  info(fields: object, message: string): void
  debug(fields: object, message: string): void
}

/** How much is written: store failures with `error`, denials too with `info`, and all decisions with `debug`. */
export type LogLevel = 'silent' | 'error' | 'info' | 'debug'

/** Options of the log. */
export interface LogOptions {
  readonly logLevel?: LogLevel
  readonly logger?: Logger
}

/** A line each; the console would print an object on several. */
const CONSOLE: Logger = {
  // biome-ignore-start lint/suspicious/noConsole: who asks for a log, and names no logger, gets it here.
  error: (fields, message) => console.error(message, JSON.stringify(fields)),
  info: (fields, message) => console.info(message, JSON.stringify(fields)),
  debug: (fields, message) => console.debug(message, JSON.stringify(fields)),
  // biome-ignore-end lint/suspicious/noConsole: as above.
}

const LEVELS: readonly LogLevel[] = ['silent', 'error', 'info', 'debug']

/** Compiles `logLevel` and `logger`; null where nothing is written. Lines say nothing of whose request it was. */
export function compileLog(options: LogOptions): ((decision: Decision) => void) | null {
  const { logLevel = 'silent', logger = CONSOLE } = options
  const most = LEVELS.indexOf(logLevel)
  if (most < 0) throw wrong(logLevel, `is no level; use ${LEVELS.join(', ')}`, 'options.logLevel')
  if (typeof logger?.info !== 'function') {
    throw wrong(logger, 'is no logger; pass one with error, info and debug', 'options.logger')
  }
  if (most === 0) return null
  return (decision) => {
    const level = levelOf(decision)
    if (LEVELS.indexOf(level) > most) return
    const { allowed, reason, source, policy, rule, retryAfterMs } = decision
    const message = allowed ? 'rate limit: passed' : 'rate limit: denied'
    logger[level]({ reason, source, policy, rule, retryAfterMs }, message)
  }
}

function levelOf({ allowed, reason, source }: Decision): 'error' | 'info' | 'debug' {
  if (reason === 'store-unavailable' || source === 'fallback') return 'error'
  return allowed ? 'debug' : 'info'
}
