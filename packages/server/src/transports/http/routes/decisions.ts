/** Decisions: may this request pass? */

import type { FastifyReply, FastifyRequest } from 'fastify'
import { schemaRef } from '../answer-schemas.ts'
import { bodyOf, REQUEST_FIELDS } from '../body-fields.ts'
import { callMessage } from '../call-message.ts'
import { type DecidingVerb, type DecisionCall, decideBody } from '../decide-body.ts'
import { sendAnswer } from '../encode.ts'
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
} as const satisfies Readonly<Record<DecidingVerb, string>>

/** The body of each of them. */
export const DECISION_BODY: JsonSchema = bodyOf(...REQUEST_FIELDS, 'deadlineMs')

export const DECISION_ROUTES: readonly Route[] = (Object.keys(SUMMARIES) as DecidingVerb[]).map((verb) => ({
  method: 'POST',
  path: `/v1/${verb}`,
  summary: SUMMARIES[verb],
  body: DECISION_BODY,
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
  const body = request.body as DecisionCall['body']
  const question = { verb, body, call: callMessage(request), service, transport }
  return sendAnswer(reply, await decideBody({ ...question, always200: wants200(request) }))
}
