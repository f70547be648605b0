import { type Logger, pino } from 'pino'
import type { Failure } from '../service/failure.ts'

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
  const last = new Map<string, number>()
  let withheld = 0
  return ({ code, error }) => {
    const now = performance.now()
    if (now - (last.get(code) ?? Number.NEGATIVE_INFINITY) < REPEAT_MS) {
      withheld++
      return
    }
    last.set(code, now)
    log.error({ code, err: error, withheld }, `request failed: ${code}`)
    withheld = 0
  }
}
