import type { LineParser, ParsedLine } from './line-parser.ts'
import { CLF_LENGTH, ClfTimes } from './log-time.ts'
import { hostOf, readTarget } from './request-target.ts'

const SPACE = 32
const QUOTE = 34
const SLASH = 47
const QUESTION = 63
const HASH = 35
const OPEN = 91
const CLOSE = 93
const BACKSLASH = 92
const DASH = 45

/** Methods are few, and a text is made of each once. */
const METHODS = ['GET', 'POST', 'PUT', 'HEAD', 'PATCH', 'DELETE', 'OPTIONS'].map((name) => ({
  name,
  bytes: Buffer.from(name),
}))
const STATUSES = Array.from({ length: 1000 }, (_, i) => String(i))

/** What a line of the format looks like, for messages. */
const LOOKS =
  'it is no line of the combined or common format: 192.0.2.1 - user [10/Oct/2026:13:55:36 +0000] "GET / HTTP/1.1" 200 …'

/**
 * Reads the common and combined formats of Apache and nginx, byte by byte: a log of millions of lines is read at the speed at which
 * it is decided. What stands behind the status is left aside.
 */
export class CombinedParser implements LineParser {
  readonly #times = new ClfTimes()
  readonly #hasHost: boolean

  /** `vhost`: each line begins with the host, as in Apache's `vhost_combined`. */
  constructor(kind: 'combined' | 'vhost') {
    this.#hasHost = kind === 'vhost'
  }

  parse(bytes: Buffer, from: number, to: number): ParsedLine {
    const start = this.#hasHost ? after(bytes, from, to) : from
    const identAt = after(bytes, start, to)
    const userAt = after(bytes, identAt, to)
    const timeAt = this.#timeAfter(bytes, userAt, to)
    const requestAt = timeAt + CLF_LENGTH + 3
    if (timeAt < 0 || requestAt >= to || bytes[requestAt - 1] !== QUOTE) return LOOKS
    const atUs = this.#times.read(bytes, timeAt)
    if (Number.isNaN(atUs)) return `its time ${bytes.toString('latin1', timeAt, timeAt + CLF_LENGTH)} is none`
    const requestEnd = quoteAfter(bytes, requestAt, to)
    if (requestEnd < 0) return LOOKS
    const who = requestOf(bytes, requestAt, requestEnd) as Record<string, string>
    who['ip'] = bytes.toString('latin1', start, identAt - 1)
    const status = statusOf(bytes, requestEnd + 2)
    if (status !== null) who['status'] = status
    const userEnd = timeAt - 2
    if (userEnd - userAt > 1 || bytes[userAt] !== DASH) who['user'] = bytes.toString('utf8', userAt, userEnd)
    if (this.#hasHost) who['host'] = hostOf(bytes.toString('latin1', from, start - 1))
    return { atUs, who }
  }

  /** Where the time begins: a user may have blanks and brackets in it. */
  #timeAfter(bytes: Buffer, from: number, to: number): number {
    for (let i = from + 1; i < to; i++) {
      if (bytes[i] !== OPEN || bytes[i - 1] !== SPACE) continue
      if (bytes[i + CLF_LENGTH + 1] === CLOSE) return i + 1
    }
    return -1
  }
}

/** The place behind the next blank; the end where there is none. */
function after(bytes: Buffer, from: number, to: number): number {
  for (let i = from; i < to; i++) if (bytes[i] === SPACE) return i + 1
  return to
}

/** Where the next quote stands that is not escaped; -1 where there is none. */
function quoteAfter(bytes: Buffer, from: number, to: number): number {
  for (let i = from; i < to; i++) {
    if (bytes[i] === BACKSLASH) i++
    else if (bytes[i] === QUOTE) return i
  }
  return -1
}

/** Method and path of a request line; neither where it is none, as of whoever speaks no HTTP. */
function requestOf(bytes: Buffer, from: number, to: number): Readonly<Record<string, string>> {
  const targetAt = after(bytes, from, to)
  if (targetAt >= to) return {}
  const method = methodOf(bytes, from, targetAt - 1)
  if (bytes[targetAt] !== SLASH)
    return { method, ...readTarget(bytes.toString('utf8', targetAt, ending(bytes, targetAt, to))) }
  let isEscaped = false
  let end = targetAt
  for (; end < to; end++) {
    const byte = bytes[end] as number
    if (byte === SPACE || byte === QUESTION || byte === HASH) break
    if (byte === BACKSLASH) isEscaped = true
  }
  const path = bytes.toString('utf8', targetAt, end)
  return { method, path: isEscaped ? (readTarget(path).path ?? path) : path }
}

function ending(bytes: Buffer, from: number, to: number): number {
  const end = after(bytes, from, to)
  return end === to ? to : end - 1
}

function methodOf(bytes: Buffer, from: number, to: number): string {
  for (const { name, bytes: own } of METHODS) {
    if (own.length !== to - from || own[0] !== bytes[from]) continue
    if (own.compare(bytes, from, to) === 0) return name
  }
  return bytes.toString('latin1', from, to)
}

function statusOf(bytes: Buffer, at: number): string | null {
  const status =
    ((bytes[at] as number) - 48) * 100 +
    ((bytes[at + 1] as number) - 48) * 10 +
    (bytes[at + 2] as number) -
    48
  return status >= 100 && status <= 999 ? (STATUSES[status] as string) : null
}
