/** Decisions: may this request pass? */

import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Decision, LimitRequest } from 'headgate'
import { schemaRef } from '../answer-schemas.ts'
import { askService } from '../ask-service.ts'
import { bodyOf, REQUEST_FIELDS } from '../body-fields.ts'
import type { LimitBody } from '../decode.ts'
import { sendDecision } from '../encode.ts'
import type { Answer, Exchange, Route } from '../http-route.ts'
import { type JsonSchema, objectOf } from '../json-schema.ts'

/** The two answers of whatever is decided. */
export function decided(schema: JsonSchema): Route['responses'] {
  const answer: Pick<Answer, 'schema'> = { schema }
  return {
    200: { description: 'The request passes; with `?status=200` whatever the decision.', ...answer },
    429: { description: 'The request is denied. `Retry-After` says when it would pass.', ...answer },
  }
}

/** The query by which a denial has 200 as well. */
export const ALWAYS_200: JsonSchema = objectOf({
  status: { const: '200', description: 'Answers denials with 200 as well.' },
})

const SUMMARIES = {
  consume: 'Spends if every matching policy has the units.',
  peek: 'The answer that consume would give; nothing is spent.',
  charge: 'Spends whatever is left, also into debt.',
  credit: 'Gives back without a receipt, the newest spends first.',
} as const satisfies Readonly<Partial<Record<NonNullable<LimitRequest['verb']>, string>>>

type DecidingVerb = keyof typeof SUMMARIES

export const DECISION_ROUTES: readonly Route[] = (Object.keys(SUMMARIES) as DecidingVerb[]).map((verb) => ({
  method: 'POST',
  path: `/v1/${verb}`,
  summary: SUMMARIES[verb],
  body: bodyOf(...REQUEST_FIELDS, 'deadlineMs'),
  query: ALWAYS_200,
  responses: decided(schemaRef(verb === 'credit' ? 'Credited' : 'Decision')),
  handler: (exchange) => decide(verb, exchange),
}))

/** Whether the caller wants 200 for a denial as well. */
export function wants200({ query }: FastifyRequest): boolean {
  return Object.hasOwn(query as object, 'status')
}

async function decide(
  verb: DecidingVerb,
  { request, reply, service, transport }: Exchange,
): Promise<FastifyReply> {
  const { deadlineMs, ...body } = request.body as LimitBody & { readonly deadlineMs?: number }
  const origin = { verb, transport, ...(deadlineMs !== undefined && { deadlineMs }) }
  const { decisions, ids, inForce } = await askService(service, { request, body }, (written) =>
    service.decide([written], origin),
  )
  return sendDecision(reply, decisions[0] as Decision, {
    always200: wants200(request),
    service,
    inForce,
    id: ids[0],
  })
}
