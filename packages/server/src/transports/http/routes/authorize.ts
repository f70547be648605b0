/** The question of a gateway: may the request pass that it has in hand? */

import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Decision } from 'headgate'
import { answerTo, clientAddress, httpProblem, isTrustedPeer } from 'headgate/http'
import type { Decided } from '../../../service/create-decide.ts'
import { explainedBy } from '../../../service/identity/explained-by.ts'
import type { Service } from '../../../service/service.ts'
import { sendFailure, sendHash, sendProblem } from '../encode.ts'
import type { Route } from '../http-route.ts'
import { readOriginalRequest } from '../original-request.ts'
import { sourcesOfGateway } from '../source-request.ts'
import { HTTP } from '../transport-name.ts'

const PATH = '/v1/authorize'
const UNTRUSTED =
  'only a gateway may ask; add its address to trustedProxies (see docs/guide/behind-a-gateway.md)'
const FORBIDDEN = 403

export function authorizeRoutes(service: Service): readonly Route[] {
  const route = {
    path: PATH,
    summary: 'Decides the request that a trusted gateway describes in header fields, and spends.',
    // Caddy appends the query of its client unless told otherwise.
    query: {
      type: 'object',
      properties: { deny: { description: 'With 403, denials are answered so, as nginx needs it.' } },
    },
    responses: {
      200: { description: 'The request passes.' },
      401: { description: 'A policy needs an identity, and the token is not valid.' },
      403: {
        description: 'With `?deny=403`: the request is denied. Else: the caller is no trusted gateway.',
      },
      429: { description: "The request is denied, or what the policy's own `response` says." },
    },
    handler: (request: FastifyRequest, reply: FastifyReply) => authorize(service, request, reply),
  } as const
  return [
    { ...route, method: 'GET' },
    { ...route, method: 'POST' },
  ]
}

async function authorize(
  service: Service,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const isDeny403 = (request.query as { deny?: unknown }).deny === '403'
  const { trusted } = service.configuration().sources
  if (!isTrustedPeer(request.raw.socket.remoteAddress, trusted)) {
    return sendProblem(reply, httpProblem(FORBIDDEN, UNTRUSTED))
  }
  try {
    const { decisions, inForce } = await decide(service, request)
    const decision = decisions[0] as Decision
    const { http, answers } = inForce
    const { status, headers, body } = answerTo(decision, { ...http, answers })
    sendHash(reply, inForce)
    return (
      reply
        .code(decision.allowed || !isDeny403 ? status : FORBIDDEN)
        .headers(headers)
        // As bytes, whose media type stays as it is.
        .send(body === '' ? undefined : Buffer.from(body))
    )
  } catch (reason) {
    const failure = service.fail(reason, { transport: HTTP })
    const is403 = isDeny403 && failure.isCallers && failure.code !== 'unauthenticated'
    return sendFailure(reply, failure, is403 ? { status: FORBIDDEN, title: 'Forbidden' } : {})
  }
}

async function decide(service: Service, request: FastifyRequest): Promise<Decided> {
  const { headersDistinct, socket } = request.raw
  const { sources } = service.configuration()
  const { path, query, method, host, forwardedFor } = readOriginalRequest(headersDistinct)
  const ip = clientAddress(socket.remoteAddress, forwardedFor, sources.trusted)
  const { attributes, token } = await sources.resolve(sourcesOfGateway(request, query))
  const known = { path, method, ...(host !== undefined && { host }), ...(ip !== null && { ip }) }
  const who = { ...known, ...attributes }
  try {
    return await service.decide([{ who }], { transport: HTTP })
  } catch (reason) {
    throw explainedBy(token, reason)
  }
}
