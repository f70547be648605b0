/** The question of a gateway: may the request pass that it has in hand? */

import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Decision } from 'headgate'
import { answerTo, httpProblem } from 'headgate/http'
import { peerOf } from '../../../listener/peer-of.ts'
import type { Decided } from '../../../service/create-decide.ts'
import { badRequest } from '../../../service/describe-failure.ts'
import { explainedBy } from '../../../service/identity/explained-by.ts'
import type { Service } from '../../../service/service.ts'
import { sendFailure, sendHash, sendProblem } from '../encode.ts'
import type { Exchange, Route } from '../http-route.ts'
import { readOriginalRequest } from '../original-request.ts'
import { sourcesOfGateway } from '../source-request.ts'

const PATH = '/v1/authorize'
const UNTRUSTED =
  'only a gateway may ask; add its address to trustedProxies (see docs/guide/behind-a-gateway.md)'
const FORBIDDEN = 403
const WRONG_DENY =
  'deny is 403 or left out; if the parameter is from a client, let the gateway leave out the query of its clients'
const NO_ADDRESS =
  'x-forwarded-for has what is no address; let the gateway set it to the address of its client, such as 192.0.2.1'

const ROUTE = {
  path: PATH,
  summary: 'Decides the request that a trusted gateway describes in header fields, and spends.',
  // Gateways pass on what their client says of its body, with the body or without.
  ignoresBody: true,
  // Caddy appends the query of its client unless told otherwise.
  query: {
    type: 'object',
    properties: {
      deny: { description: '403 answers denials so, as nginx needs it; any other value alone is refused.' },
    },
  },
  responses: {
    200: { description: 'The request passes.' },
    401: { description: 'A policy needs an identity, and the token is not valid.' },
    403: {
      description: 'With `?deny=403`: the request is denied. Else: the caller is no trusted gateway.',
    },
    429: { description: "The request is denied, or what the policy's own `response` says." },
  },
  isForwarded: true,
  handler: authorize,
} as const

// Envoy asks by the method of its client.
const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const

export const AUTHORIZE_ROUTES: readonly Route[] = METHODS.map((method) => ({ ...ROUTE, method }))

async function authorize({ request, reply, service, transport }: Exchange): Promise<FastifyReply> {
  const denials = [(request.query as { deny?: string | string[] }).deny ?? []].flat()
  // A `deny` that the gateway's client has added takes nothing back.
  const isDeny403 = denials.includes(String(FORBIDDEN))
  const { trusted } = service.configuration().sources
  if (!trusted.has(peerOf(request.raw.socket))) {
    return sendProblem(reply, httpProblem(FORBIDDEN, UNTRUSTED))
  }
  try {
    if (denials.length > 0 && !isDeny403) throw badRequest(WRONG_DENY, 'deny')
    const { decisions, inForce } = await decide(service, request, transport)
    const decision = decisions[0] as Decision
    const { http: { denial } = {}, answers, writeHeaders } = inForce
    const { status, headers, body } = answerTo(decision, {
      headers: writeHeaders,
      answers,
      ...(denial && { denial }),
      ...(isDeny403 && { deniedStatus: FORBIDDEN }),
    })
    sendHash(reply, inForce)
    return (
      reply
        .code(status)
        .headers(headers)
        // As bytes, whose media type stays as it is.
        .send(body === '' ? undefined : Buffer.from(body))
    )
  } catch (reason) {
    const failure = service.fail(reason, { transport })
    const is403 = isDeny403 && failure.isCallers && failure.code !== 'unauthenticated'
    return sendFailure(reply, failure, is403 ? { status: FORBIDDEN, title: 'Forbidden' } : {})
  }
}

async function decide(service: Service, request: FastifyRequest, transport: string): Promise<Decided> {
  const { headersDistinct, socket } = request.raw
  const { sources } = service.configuration()
  const { path, query, method, host, forwardedFor } = readOriginalRequest(headersDistinct)
  const ip = sources.trusted.clientAddress(peerOf(socket), forwardedFor)
  if (ip === null) throw badRequest(NO_ADDRESS, 'x-forwarded-for')
  const { attributes, token } = await sources.resolve(sourcesOfGateway(request, query))
  const known = { path, method, ip, ...(host !== undefined && { host }) }
  const who = { ...known, ...attributes }
  try {
    return await service.decide([{ who }], { transport })
  } catch (reason) {
    throw explainedBy(token, reason)
  }
}
