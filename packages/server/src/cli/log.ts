import { type LevelWithSilent, type Logger, pino } from 'pino'
import { wrongUsage } from '../service/describe-failure.ts'
import type { Service } from '../service/service.ts'

const LEVELS: readonly LevelWithSilent[] = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']

/** Reads the least level that is logged; `said` is the flag or the variable. */
export function readLogLevel(text: string, said: string): LevelWithSilent {
  const level = LEVELS.find((one) => one === text)
  if (level !== undefined) return level
  throw wrongUsage(`${JSON.stringify(text)} is no level; give ${said} one of ${LEVELS.join(', ')}`)
}

/** The log: one JSON object a line on standard output. Never a key, a receipt or a password. */
export function createLog(level: LevelWithSilent): Logger {
  // Written at once, so that nothing is lost when the process ends.
  return pino(
    { level, base: { pid: process.pid }, timestamp: pino.stdTimeFunctions.isoTime },
    pino.destination({ sync: true }),
  )
}

const REPEAT_MS = 10_000

/** Logs what goes wrong in a service, each kind at most once in 10 s: a store that is down fails every request. */
export function logEvents(log: Logger, { on }: Pick<Service, 'on'>): void {
  const failures = new Map<string, Limit>()
  on('failure', ({ failure: { code, isCallers, error }, transport }) => {
    if (isCallers) return
    const limit = failures.get(code) ?? oneInTenSeconds()
    failures.set(code, limit)
    limit((withheld) => log.error({ code, transport, err: error, withheld }, `request failed: ${code}`))
  })
  const degraded = oneInTenSeconds()
  on('degraded', ({ health }) => {
    degraded((withheld) => {
      const { breaker, lastError, decisions, replicas } = health()
      const message = 'decided without the store, which does not answer; see onStoreError'
      log.warn({ breaker, lastError, decisions, replicas, withheld }, message)
    })
  })
  on('configuration', ({ hash, policies, notInForce, isNew }) => {
    const message = isNew ? 'another configuration is in force' : 'the configuration is again that in force'
    log.info({ hash, policies }, message)
    for (const { path, message } of isNew ? notInForce : []) log.warn({ path }, message)
  })
  on('configuration-rejected', ({ hash, rejected: { message, ...where } }) => {
    log.error({ ...where, hash }, `the configuration is rejected, and the old one stays: ${message}`)
  })
}

/** Does something, or not; says how often it was not done since. */
export type Limit = (write: (withheld: number) => void) => void

/** Does what it is given, but for 10 s after it did; says how often it did not. */
export function oneInTenSeconds(): Limit {
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
