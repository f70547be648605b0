/** Why a request would be decided as it would. */

import type { FastifyReply, FastifyRequest } from 'fastify'
import { explainedBy } from '../../../service/identity/explained-by.ts'
import type { Service } from '../../../service/service.ts'
import { schemaRef } from '../answer-schemas.ts'
import { bodyOf } from '../body-fields.ts'
import type { LimitBody } from '../decode.ts'
import { decisionBody, sendHash } from '../encode.ts'
import { fillAttributes } from '../fill-attributes.ts'
import type { Route } from '../http-route.ts'
import { objectOf } from '../json-schema.ts'
import { rethrowAtField } from '../rethrow-at-field.ts'

export function explainRoutes(service: Service): readonly Route[] {
  return [
    {
      method: 'POST',
      path: '/v1/explain',
      summary: 'Which policies match and which do not, and what consume would answer; nothing is spent.',
      body: bodyOf('cost', 'policy'),
      query: objectOf({}),
      responses: { 200: { description: 'Whatever the decision.', schema: schemaRef('Explanation') } },
      handler: (request, reply) => explain(service, request, reply),
    },
  ]
}

async function explain(service: Service, request: FastifyRequest, reply: FastifyReply): Promise<object> {
  const inForce = service.configuration()
  const { written, token } = await fillAttributes(request.body as LimitBody, request, inForce.sources)
  const { who, ...options } = written
  const { decision, ...explanation } = await service
    .explain(who, options)
    .catch((reason: unknown) => rethrowAtField(explainedBy(token, reason)))
  sendHash(reply, inForce)
  return { ...explanation, decision: await decisionBody(decision, { service, inForce }) }
}
