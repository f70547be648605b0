import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2'
import type { Gate } from '../middleware/gate.ts'
import { andThen } from '../middleware/maybe-promise.ts'
import { type RateLimit, rateLimitFor } from '../middleware/rate-limit.ts'
import { NodeExchange, sendAnswer } from './node-exchange.ts'

/** Limits a request of `node:http`, or of `node:http2`: true where it passes; where not, it has been answered. */
export type NodeRateLimit = (
  request: IncomingMessage | Http2ServerRequest,
  response: ServerResponse | Http2ServerResponse,
) => boolean | PromiseLike<boolean>

/**
 * Rate limits for `node:http`, `node:https` and `node:http2` servers.
 *
 * ```ts
 * const limited = rateLimit({ limit: '100/min' })
 * createServer(async (request, response) => {
 *   if (await limited(request, response)) response.end('hello')
 * })
 * ```
 */
export const rateLimit: RateLimit<IncomingMessage, NodeRateLimit> = rateLimitFor(toMiddleware)

function toMiddleware(gate: Gate<IncomingMessage>): NodeRateLimit {
  return (given, givenResponse) => {
    // Those of HTTP/2 have what is used here, and types of their own.
    const request = given as IncomingMessage
    const response = givenResponse as ServerResponse
    return andThen(gate.pass(new NodeExchange({ request, incoming: request, response })), (answer) => {
      if (answer !== null) sendAnswer(response, answer)
      return answer === null
    })
  }
}
