/** A reader of HTTP/1.1 of its own, which shares no code with the proxy: what it does not read in one way only is a fault. */

/** A request as it is read, in Latin-1. */
export interface StrictRequest {
  readonly method: string
  readonly target: string
  readonly version: string
  /** In flat pairs, names in lower case. */
  readonly fields: readonly string[]
  readonly framing: 'none' | 'sized' | 'chunked'
  readonly body: string
}

/** What octets hold. */
export interface StrictReading {
  readonly requests: readonly StrictRequest[]
  /** Behind the last whole request. */
  readonly rest: string
  /** Why nothing can be read of the rest; null: more may come. */
  readonly fault: string | null
}

// The parser of Node takes the first lines of these relatives for those of HTTP.
const LINE = /^([A-Z][A-Z-]*) +(\S+) +(?:HTTP|RTSP|ICE)\/(1\.[01])$/
const FIELD = /^([!#$%&'*+.^_`|~\dA-Za-z-]+):[ \t]*(.*?)[ \t]*$/
const CHUNK = /^([\dA-Fa-f]{1,8})(?:;.*)?$/
const SINGLE = ['host', 'content-length', 'transfer-encoding', 'expect', 'authorization', 'x-api-key']

/** Reads as many requests as there are. */
export function readRequests(octets: string): StrictReading {
  const requests: StrictRequest[] = []
  let rest = octets
  while (rest !== '') {
    // Empty lines before a request (RFC 9112, section 2.2).
    rest = rest.replace(/^[\r\n]+/, '')
    const read = readOne(rest)
    if (typeof read === 'string') return { requests, rest, fault: read }
    if (read === null) break
    requests.push(read.request)
    rest = rest.slice(read.length)
  }
  return { requests, rest, fault: null }
}

/** The values of a field. */
export function valuesOf({ fields }: StrictRequest, name: string): string[] {
  return fields.filter((_, i) => i % 2 === 1 && fields[i - 1] === name)
}

interface ReadOne {
  readonly request: StrictRequest
  readonly length: number
}

function readOne(text: string): ReadOne | string | null {
  const end = text.indexOf('\r\n\r\n')
  if (end < 0) return null
  const [first = '', ...lines] = text.slice(0, end).split('\r\n')
  const [, method, target, version] = LINE.exec(first) ?? []
  if (method === undefined || target === undefined || version === undefined) return 'request line'
  const fields: string[] = []
  for (const line of lines) {
    const [, name, value] = FIELD.exec(line) ?? []
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what must not be there.
    if (name === undefined || value === undefined || /[\0-\x08\x0a-\x1f\x7f]/.test(value)) return 'field'
    fields.push(name.toLowerCase(), value)
  }
  const one = (name: string) => fields.filter((_, i) => i % 2 === 1 && fields[i - 1] === name)
  if (SINGLE.some((name) => one(name).length > 1)) return 'a field twice'
  const head = { method, target, version, fields }
  const at = end + 4
  const [length] = one('content-length')
  const [coding] = one('transfer-encoding')
  if (coding !== undefined) {
    if (length !== undefined || coding.toLowerCase() !== 'chunked') return 'framing'
    // Node takes `chunked` and a tab for no chunks where a request asks for another protocol; behind it nothing is served.
    const isUnread = lines.some((line) => /^transfer-encoding:.*\t$/i.test(line)) && one('upgrade').length > 0
    if (isUnread) return { request: { ...head, framing: 'none', body: '' }, length: text.length }
    const body = readChunks(text, at)
    if (body === null || typeof body === 'string') return body
    return { request: { ...head, framing: 'chunked', body: body.body }, length: body.end }
  }
  if (length === undefined) return { request: { ...head, framing: 'none', body: '' }, length: at }
  if (!/^\d{1,15}$/.test(length)) return 'length'
  const stop = at + Number(length)
  if (text.length < stop) return null
  return { request: { ...head, framing: 'sized', body: text.slice(at, stop) }, length: stop }
}

function readChunks(text: string, from: number): { body: string; end: number } | string | null {
  let at = from
  let body = ''
  for (;;) {
    const end = text.indexOf('\r\n', at)
    if (end < 0) return null
    const size = Number.parseInt(CHUNK.exec(text.slice(at, end))?.[1] ?? '', 16)
    if (Number.isNaN(size)) return 'chunk'
    at = end + 2
    if (size === 0) break
    if (text.length < at + size + 2) return null
    if (text.slice(at + size, at + size + 2) !== '\r\n') return 'end of chunk'
    body += text.slice(at, at + size)
    at += size + 2
  }
  // Trailer fields, up to an empty line.
  for (;;) {
    const end = text.indexOf('\r\n', at)
    if (end < 0) return null
    const isLast = end === at
    at = end + 2
    if (isLast) return { body, end: at }
  }
}
