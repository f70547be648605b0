/** Why a request would be decided as it would. */

import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Service } from '../../../service/service.ts'
import { schemaRef } from '../answer-schemas.ts'
import { askService } from '../ask-service.ts'
import { bodyOf, REQUEST_FIELDS } from '../body-fields.ts'
import type { LimitBody } from '../decode.ts'
import { decisionBody, sendHash } from '../encode.ts'
import type { Route } from '../http-route.ts'
import { objectOf } from '../json-schema.ts'

export function explainRoutes(service: Service): readonly Route[] {
  return [
    {
      method: 'POST',
      path: '/v1/explain',
      summary: 'Which policies match and which do not, and what consume would answer; nothing is spent.',
      body: bodyOf(...REQUEST_FIELDS, 'deadlineMs'),
      query: objectOf({}),
      responses: { 200: { description: 'Whatever the decision.', schema: schemaRef('Explanation') } },
      handler: (request, reply) => explain(service, request, reply),
    },
  ]
}

async function explain(service: Service, request: FastifyRequest, reply: FastifyReply): Promise<object> {
  const inForce = service.configuration()
  const { deadlineMs, ...body } = request.body as LimitBody & { readonly deadlineMs?: number }
  const { decision, ...explanation } = await askService(service, { request, body }, ({ who, ...options }) =>
    service.explain(who, { ...options, ...(deadlineMs !== undefined && { deadlineMs }) }),
  )
  sendHash(reply, inForce)
  return { ...explanation, decision: await decisionBody(decision, { service, inForce }) }
}
