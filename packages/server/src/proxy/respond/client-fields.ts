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
  const hardened = [...route.harden(fields, context)]
  if (!tellsLimits) {
    const limits = exchange.decisions.length === 0 ? null : limitAnswer(exchange)
    if (limits !== null) hardened.push(...flatFields(limits.headers))
  }
  // An application that sends it back would have it there twice.
  for (let i = hardened.length - 2; i >= 0; i -= 2) {
    if (hardened[i] === 'x-request-id') hardened.splice(i, 2)
  }
  hardened.push('x-request-id', requestId)
  return proxy.cors === null ? hardened : withCorsFields(hardened, proxy.cors.fieldsFor(request))
}

/** Of answers to requests that could not be read, which have no route. */
const UNREAD_FIELDS = ['cache-control', 'no-store', 'x-content-type-options', 'nosniff']
