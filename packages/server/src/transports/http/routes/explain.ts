/** Why a request would be decided as it would. */

import { schemaRef } from '../answer-schemas.ts'
import { askService } from '../ask-service.ts'
import { bodyOf, REQUEST_FIELDS } from '../body-fields.ts'
import type { LimitBody } from '../decode.ts'
import { decisionBody, sendHash } from '../encode.ts'
import type { Exchange, Route } from '../http-route.ts'
import { objectOf } from '../json-schema.ts'

export const EXPLAIN_ROUTES: readonly Route[] = [
  {
    method: 'POST',
    path: '/v1/explain',
    summary: 'Which policies match and which do not, and what consume would answer; nothing is spent.',
    body: bodyOf(...REQUEST_FIELDS, 'deadlineMs'),
    query: objectOf({}),
    responses: { 200: { description: 'Whatever the decision.', schema: schemaRef('Explanation') } },
    handler: explain,
  },
]

async function explain({ request, reply, service }: Exchange): Promise<object> {
  const inForce = service.configuration()
  const { deadlineMs, ...body } = request.body as LimitBody & { readonly deadlineMs?: number }
  const { decision, ...explanation } = await askService(service, { request, body }, ({ who, ...options }) =>
    service.explain(who, { ...options, ...(deadlineMs !== undefined && { deadlineMs }) }),
  )
  sendHash(reply, inForce)
  return { ...explanation, decision: await decisionBody(decision, { service, inForce }) }
}
