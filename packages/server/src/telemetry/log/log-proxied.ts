import type { Configuration } from '../../service/configuration.ts'
import type { RequestProxied } from '../../service/proxy-events.ts'
import type { Service } from '../../service/service.ts'
import type { OpenLog } from './create-log.ts'
import { HiddenIdentity } from './hidden-identity.ts'
import { quoted } from './quoted.ts'

/** Lines that wait for the end of a turn; beyond that they are written at once. */
const WAITING_CHARACTERS_MAX = 16 * 1024
/** Longest text of a client that is logged; a longer one is cut, and ends with `…`. */
const TEXT_MAX = 2000
/** `info`, as pino has it. */
const LEVEL = 30

/** The lines about requests that went through the proxy. */
export interface AccessLog {
  /** Writes what is not written yet. */
  flush(): void
}

/**
 * Logs each request of the proxy that is to be logged, where the log has the level `info`. Lines of one turn of the event loop are
 * written together: one by one they would cost more than all the rest. With `hashKeys` clients are hashed.
 */
export function logProxied(
  { log, writeLines }: Pick<OpenLog, 'log' | 'writeLines'>,
  { on, configuration }: Pick<Service, 'on'> & { configuration(): Pick<Configuration, 'hashKeys'> },
): AccessLog {
  if (!log.isLevelEnabled('info')) return { flush: () => {} }
  const { hashKeys } = configuration()
  const hidden = hashKeys === undefined ? null : new HiddenIdentity(hashKeys)
  const line = accessLines(
    { pid: process.pid, ...log.bindings() },
    (identity) => hidden?.of(identity) ?? identity,
  )
  let waiting = ''
  let isDue = false
  const flush = (): void => {
    const lines = waiting
    waiting = ''
    if (lines !== '') writeLines(lines)
  }
  const onTurn = (): void => {
    isDue = false
    flush()
  }
  on('proxied', (event) => {
    if (!event.isLogged) return
    waiting += line(event)
    if (waiting.length > WAITING_CHARACTERS_MAX) flush()
    if (isDue) return
    isDue = true
    setImmediate(onTurn)
  })
  return { flush }
}

/** Makes lines by hand: a general writer of JSON takes twice as long. Never a query, a field of a request, or a credential. */
function accessLines(
  ofThread: object,
  shownAs: (identity: string) => string,
): (event: RequestProxied) => string {
  const fields = JSON.stringify(ofThread).slice(1, -1)
  const begin = `{"level":${LEVEL},"time":"`
  const middle = `",${fields},"requestId":`
  const now = timeOfDay()
  return (event) => {
    const { method, host, path, route, status, outcome, ip, requestId, bytesOut, durationMs } = event
    const { policy, principal, target, upstreamMs, trace } = event
    const request = `${quoted(cut(requestId))},"method":${quoted(method)},"host":${quoted(cut(host))},"path":${quoted(cut(path))}`
    const answer = `,"route":${quoted(route)},"status":${status},"outcome":${quoted(outcome)}`
    const who = `,"ip":${quoted(ip === '' || ip === 'unix' ? ip : shownAs(ip))}`
    const what =
      optional(policy, ',"policy":') + optional(target, ',"target":') + optional(trace, ',"trace":')
    const as = principal === null ? '' : `,"principal":${quoted(cut(shownAs(principal)))}`
    const upstream = upstreamMs === null ? '' : `,"upstreamMs":${rounded(upstreamMs)}`
    const amounts = `,"bytesOut":${bytesOut},"durationMs":${rounded(durationMs)}${upstream}`
    return `${begin}${now()}${middle}${request}${answer}${who}${as}${what}${amounts},"msg":"proxied"}\n`
  }
}

function optional(text: string | null, name: string): string {
  return text === null ? '' : name + quoted(cut(text))
}

function cut(text: string): string {
  return text.length > TEXT_MAX ? `${text.slice(0, TEXT_MAX)}…` : text
}

/** To microseconds. */
function rounded(ms: number): number {
  return Math.round(ms * 1000) / 1000
}

/** Tells the time; a millisecond has one text. */
function timeOfDay(): () => string {
  let lastMs = 0
  let text = ''
  return () => {
    const nowMs = Date.now()
    if (nowMs !== lastMs) {
      lastMs = nowMs
      text = new Date(nowMs).toISOString()
    }
    return text
  }
}
