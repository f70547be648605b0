import { processOf } from './runtime.ts'

/** Names of warnings, each with a section on the page about them. */
export type WarningCode =
  | 'HEADGATE_LIMITER_PER_REQUEST'
  | 'HEADGATE_UNTRUSTED_PROXY'
  | 'HEADGATE_SEPARATE_MEMORY'
  | 'HEADGATE_SHARED_COUNTER'
  | 'HEADGATE_UNGROUPED_IPV6'
  | 'HEADGATE_OFFLINE_QUEUE'
  | 'HEADGATE_EVICTION'
  | 'HEADGATE_SHARDS'
  | 'HEADGATE_STORE_UNAVAILABLE'
  | 'HEADGATE_SERVICE_UNAVAILABLE'
  | 'HEADGATE_STAND_IN'
  | 'HEADGATE_TOO_MANY_WINDOWS'
  | 'HEADGATE_SCRIPT'
  | 'HEADGATE_LISTENER'
  | 'HEADGATE_HASH_KEYS'
  | 'HEADGATE_TOKEN_KEYS'
  | 'HEADGATE_LATE_COST'
  | 'HEADGATE_INTERCEPTOR'

/** The page about warnings: a path in the repository, to be a URL as soon as there is a public one. */
const PAGE = 'docs/reference/warnings.md'

/** Warns of something that a developer or an operator has to change: a warning of the process, or else of the console. */
export function warn(code: WarningCode, message: string): void {
  const detail = `${PAGE}#${code.toLowerCase()}`
  const process = processOf()
  if (process?.emitWarning !== undefined) {
    process.emitWarning(message, { type: 'HeadgateWarning', code, detail })
    return
  }
  // biome-ignore lint/suspicious/noConsole: there is no other place for it in a Worker.
  console.warn(`HeadgateWarning [${code}]: ${message} (${detail})`)
}

/** Most different messages that one place warns of: where all of them differ, they must not flood the log. */
const MESSAGES_MAX = 16

/** Makes a function that warns of each message once, and of the first 16 different ones. */
export function distinctWarnings(code: WarningCode): (message: string) => void {
  const messages = new Set<string>()
  return (message) => {
    if (messages.has(message) || messages.size >= MESSAGES_MAX) return
    messages.add(message)
    warn(code, message)
  }
}

const told = new Set<WarningCode>()

/** Warns of something that is the same however often it happens: once in this process. */
export function warnOnce(code: WarningCode, message: string): void {
  if (told.has(code)) return
  told.add(code)
  warn(code, message)
}
