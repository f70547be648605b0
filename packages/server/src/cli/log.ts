import type { Health } from 'headgate'
import { type Logger, pino } from 'pino'
import type { Failure } from '../service/describe-failure.ts'

/** The log: one JSON object a line on standard output. Never a key, a receipt or a password. */
export function createLog(): Logger {
  // Written at once, so that nothing is lost when the process ends.
  return pino(
    { base: { pid: process.pid }, timestamp: pino.stdTimeFunctions.isoTime },
    pino.destination({ sync: true }),
  )
}

const REPEAT_MS = 10_000

/** Logs failures, of one code at most one in 10 s: a store that is down fails every request. */
export function failureLog(log: Logger): (failure: Failure) => void {
  const once = new Map<string, (write: (withheld: number) => void) => void>()
  return ({ code, error }) => {
    const limit = once.get(code) ?? oneInTenSeconds()
    once.set(code, limit)
    limit((withheld) => log.error({ code, err: error, withheld }, `request failed: ${code}`))
  }
}

/** Logs, once in 10 s, that decisions are made without the store. */
export function degradedLog(log: Logger): (health: () => Health) => void {
  const limit = oneInTenSeconds()
  return (health) =>
    limit((withheld) => {
      const { breaker, lastError, decisions, replicas } = health()
      const message = 'decided without the store, which does not answer; see onStoreError'
      log.warn({ breaker, lastError, decisions, replicas, withheld }, message)
    })
}

/** Does what it is given, but for 10 s after it did; says how often it did not. */
function oneInTenSeconds(): (write: (withheld: number) => void) => void {
  let last = Number.NEGATIVE_INFINITY
  let withheld = 0
  return (write) => {
    const now = performance.now()
    if (now - last < REPEAT_MS) {
      withheld++
      return
    }
    last = now
    write(withheld)
    withheld = 0
  }
}
