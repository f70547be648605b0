/** Decisions: may this request pass? */

import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Decision } from 'headgate'
import { explainedBy } from '../../../service/identity/explained-by.ts'
import type { Service } from '../../../service/service.ts'
import { schemaRef } from '../answer-schemas.ts'
import { bodyOf } from '../body-fields.ts'
import type { LimitBody } from '../decode.ts'
import { sendDecision } from '../encode.ts'
import { fillAttributes } from '../fill-attributes.ts'
import type { Answer, Route } from '../http-route.ts'
import { objectOf } from '../json-schema.ts'
import { rethrowAtField } from '../rethrow-at-field.ts'
import { HTTP } from '../transport-name.ts'

const DECISION: Pick<Answer, 'schema'> = { schema: schemaRef('Decision') }
const DECISIONS: Route['responses'] = {
  200: { description: 'The request passes; with `?status=200` whatever the decision.', ...DECISION },
  429: { description: 'The request is denied. `Retry-After` says when it would pass.', ...DECISION },
}
const ALWAYS_200 = objectOf({ status: { const: '200', description: 'Answers denials with 200 as well.' } })

export function decisionRoutes(service: Service): readonly Route[] {
  return [
    {
      method: 'POST',
      path: '/v1/consume',
      summary: 'Spends if every matching policy has the units.',
      body: bodyOf('cost', 'policy'),
      query: ALWAYS_200,
      responses: DECISIONS,
      handler: (request, reply) => decide(service, 'consume', { request, reply }),
    },
    {
      method: 'POST',
      path: '/v1/peek',
      summary: 'The answer that consume would give; nothing is spent.',
      body: bodyOf('cost', 'policy'),
      query: ALWAYS_200,
      responses: DECISIONS,
      handler: (request, reply) => decide(service, 'peek', { request, reply }),
    },
  ]
}

interface Exchange {
  readonly request: FastifyRequest
  readonly reply: FastifyReply
}

async function decide(
  service: Service,
  verb: 'consume' | 'peek',
  { request, reply }: Exchange,
): Promise<FastifyReply> {
  const { sources } = service.configuration()
  const { written, token } = await fillAttributes(request.body as LimitBody, request, sources)
  const { decisions, inForce } = await service
    .decide([written], { verb, transport: HTTP })
    .catch((reason: unknown) => rethrowAtField(explainedBy(token, reason)))
  const always200 = Object.hasOwn(request.query as object, 'status')
  return sendDecision(reply, decisions[0] as Decision, { always200, service, inForce })
}
