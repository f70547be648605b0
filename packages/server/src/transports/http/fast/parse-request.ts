import type { RequestPlaces } from './fast-request.ts'
import type { HandOverReason } from './hand-over-reason.ts'
import { CONTENT_LENGTH, knownField, lengthOf, NEEDED } from './known-fields.ts'
import { COLON, CR, isBlank, LF, TOKEN, VALUE } from './octets.ts'

/** Most octets of a request line with its header. */
const HEAD_MAX = 8 * 1024
/** Most fields of a header, far from where Node begins to leave out some. */
const FIELDS_MAX = 100

/** The first line of a request that the fast path answers. */
export interface RequestLine<Route> {
  readonly octets: Buffer
  readonly route: Route
}

/** What is wanted of a request. */
export interface RequestRules<Route> {
  readonly lines: readonly RequestLine<Route>[]
  /** Most octets of a body. */
  readonly bodyMax: number
}

/** A whole request. */
export interface ParsedRequest<Route> extends RequestPlaces {
  readonly route: Route
}

/**
 * Reads the request that begins at a place. It is whole, and nobody could read it in another way; or `more` has to come, and
 * nothing is wrong so far; or it is foreign, for a reason: malformed, or only unusual, which is not told apart here.
 */
export function parseRequest<Route>(
  octets: Buffer,
  at: number,
  { lines, bodyMax }: RequestRules<Route>,
): ParsedRequest<Route> | 'more' | HandOverReason {
  const line = lineAt(octets, at, lines)
  if (typeof line === 'string') return line
  const limit = Math.min(octets.length, at + HEAD_MAX)
  const more = limit === octets.length ? 'more' : 'size'
  const fields: number[] = []
  let has = 0
  let length = 0
  let i = at + line.octets.length
  while (i < limit && octets[i] !== CR) {
    const start = i
    while (i < limit && TOKEN[octets[i] as number] === 1) i++
    const colon = i
    if (i < limit && (octets[i] !== COLON || i === start)) return 'syntax'
    i++
    while (i < limit && isBlank(octets[i])) i++
    const value = i
    while (i < limit && VALUE[octets[i] as number] === 1) i++
    if (i + 1 >= limit) return i < limit && octets[i] !== CR ? 'syntax' : more
    if (octets[i] !== CR || octets[i + 1] !== LF) return 'syntax'
    let end = i
    while (end > value && isBlank(octets[end - 1])) end--
    i += 2
    const known = knownField(octets, start, colon)
    if (known !== undefined) {
      if ((has & known.bit) !== 0 || !known.takes(octets, value, end)) return 'field'
      has |= known.bit
      if (known === CONTENT_LENGTH) length = lengthOf(octets, value, end)
    }
    if (fields.push(start, colon, value, end) > FIELDS_MAX * 4) return 'size'
  }
  if (i + 1 >= limit) return more
  if (octets[i + 1] !== LF) return 'syntax'
  if ((has & NEEDED) !== NEEDED) return 'field'
  if (length > bodyMax) return 'size'
  const body = i + 2
  return body + length > octets.length ? 'more' : { route: line.route, fields, body, end: body + length }
}

/** The line that is there; `more` where one may still come of it. */
function lineAt<Route>(
  octets: Buffer,
  at: number,
  lines: readonly RequestLine<Route>[],
): RequestLine<Route> | 'more' | 'target' {
  for (const line of lines) {
    const there = Math.min(line.octets.length, octets.length - at)
    let i = 0
    while (i < there && octets[at + i] === line.octets[i]) i++
    if (i === there) return there === line.octets.length ? line : 'more'
  }
  return 'target'
}
