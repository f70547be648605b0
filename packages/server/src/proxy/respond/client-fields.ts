import { withCorsFields } from '../cors/with-cors-fields.ts'
import { flatFields, limitAnswer } from '../limits/limit-fields.ts'
import type { Exchange } from '../proxy-exchange.ts'

/** A response as it came, from the upstream or of the proxy itself. */
export interface ResponseHead {
  /** End-to-end fields in flat pairs, names in lower case. */
  readonly fields: readonly string[]
  /** Whether it is an answer of the proxy itself. */
  readonly isOwn: boolean
  /** Whether `fields` tell of limits already. */
  readonly tellsLimits?: boolean
}

/** The fields that the client gets: hardened, with what tells of limits, other origins and the request. */
export function clientFields(
  exchange: Exchange,
  { fields, isOwn, tellsLimits = false }: ResponseHead,
): string[] {
  const { proxy, requestId } = exchange
  if (!exchange.isRead) return [...fields, ...UNREAD_FIELDS, 'x-request-id', requestId]
  const { request, route } = exchange
  const context = { isSecure: request.isSecure, isOwn }
  const ours = tellsLimits || exchange.decisions.length === 0 ? [] : limitFields(exchange)
  ours.push('x-request-id', requestId)
  const all = inPlaceOf(route.harden(fields, context), ours)
  // What a preflight is answered says all of it already.
  if (proxy.cors === null || exchange.outcome === 'preflight') return all
  return withCorsFields(all, proxy.cors.fieldsFor(request))
}

function limitFields(exchange: Exchange): string[] {
  const limits = limitAnswer(exchange)
  return limits === null ? [] : flatFields(limits.headers)
}

/** Fields of which every line counts: what an application says of its own limits stays (RFC 9651, section 4.2). */
const LISTS: readonly string[] = ['ratelimit', 'ratelimit-policy']

/** The fields of a response with ours, which take the place of those of the same name. */
function inPlaceOf(fields: readonly string[], ours: readonly string[]): string[] {
  const all: string[] = []
  for (let i = 0; i < fields.length; i += 2) {
    const name = fields[i] as string
    if (!hasName(ours, name) || LISTS.includes(name)) all.push(name, fields[i + 1] as string)
  }
  for (const text of ours) all.push(text)
  return all
}

function hasName(fields: readonly string[], name: string): boolean {
  for (let i = 0; i < fields.length; i += 2) if (fields[i] === name) return true
  return false
}

/** Of answers to requests that could not be read, which have no route. */
const UNREAD_FIELDS = ['cache-control', 'no-store', 'x-content-type-options', 'nosniff']
