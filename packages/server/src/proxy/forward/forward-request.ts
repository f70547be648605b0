import type { Readable } from 'node:stream'
import type { Exchange } from '../proxy-exchange.ts'
import type { CanonicalRequest } from '../request/canonical-request.ts'
import { type OutgoingOptions, outgoingFields } from '../request/outgoing-fields.ts'
import type { UpstreamRequest } from '../upstream/forwarding.ts'
import { ClientReceiver } from './client-receiver.ts'
import { LimitedBody } from './limited-body.ts'

/** Sends a request that has passed every gate to the upstream, and the response to the client. */
export function forwardRequest(exchange: Exchange): void {
  const { request, route, response } = exchange
  const receiver = new ClientReceiver(exchange)
  const body = bodyOf(exchange, receiver)
  if (exchange.waitsForContinue && body !== null) response.writeContinue()
  receiver.follow(route.group.forward(upstreamRequest(exchange, request, body), receiver))
}

function outgoingOptions({ request, route, identity, proxy }: Exchange): OutgoingOptions {
  const { identityFields } = proxy.settings.auth
  if (identity === null) return { identity, identityFields }
  const require = route.needs?.require ?? []
  return {
    identity,
    identityFields,
    fields: proxy.authenticator.withoutCredential(request.fields, identity, require),
  }
}

/** RFC 9110, section 9.2.2. */
const IDEMPOTENT: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE', 'TRACE'])

function upstreamRequest(
  exchange: Exchange,
  request: CanonicalRequest,
  body: Readable | null,
): UpstreamRequest {
  const { method, path, query, contentLength } = request
  return {
    method,
    path: query === '' ? path : path + query,
    fields: outgoingFields(request, outgoingOptions(exchange)),
    body,
    contentLength,
    isIdempotent: IDEMPOTENT.has(method),
    upgrade: exchange.isUpgrade ? 'websocket' : null,
  }
}

/** The body, which says how long it is, or is watched. */
function bodyOf({ message, request, route }: Exchange, receiver: ClientReceiver): Readable | null {
  if (request.body === 'none') return null
  if (request.body === 'sized') return message
  const limited = new LimitedBody(route.bodyBytesMax, () => receiver.refuseBody())
  message.once('error', (reason) => limited.destroy(reason))
  return message.pipe(limited)
}
