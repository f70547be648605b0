/** Several requests in one body: each by itself, or all of them or none. */

import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Decision } from 'headgate'
import { problemOf } from 'headgate/http'
import type { Decided } from '../../../service/create-decide.ts'
import { badRequest } from '../../../service/describe-failure.ts'
import { explainedBy } from '../../../service/identity/explained-by.ts'
import type { Service } from '../../../service/service.ts'
import { schemaRef } from '../answer-schemas.ts'
import { bodyOf, fieldsOf, REQUEST_FIELDS } from '../body-fields.ts'
import { checkPart, inside } from '../check-part.ts'
import type { LimitBody } from '../decode.ts'
import { decisionBody, sendHash } from '../encode.ts'
import { type FilledRequest, fillAttributes } from '../fill-attributes.ts'
import type { Exchange, Route } from '../http-route.ts'
import { objectOf } from '../json-schema.ts'
import { rethrowAtField } from '../rethrow-at-field.ts'
import { ALWAYS_200, decided, wants200 } from './decisions.ts'

const ITEM = bodyOf(...REQUEST_FIELDS, 'verb', 'anyOf')
const FIELDS = fieldsOf('requests', 'together', 'deadlineMs')
const REQUESTS = { ...FIELDS['requests'], items: ITEM }

export const BATCH_ROUTES: readonly Route[] = [
  {
    method: 'POST',
    path: '/v1/batch',
    summary: 'Decides up to 100 requests, each by itself, or all of them or none.',
    // One that is wrong must not refuse the others: they are checked one by one.
    body: objectOf(FIELDS, ['requests']),
    documentedBody: objectOf({ ...FIELDS, requests: REQUESTS }, ['requests']),
    query: ALWAYS_200,
    responses: decided(schemaRef('Batch')),
    handler: batch,
  },
]

interface BatchBody {
  readonly requests: readonly LimitBody[]
  readonly together?: boolean
  readonly deadlineMs?: number
}

/** The answer to one request of a batch. */
interface Part {
  readonly body: object
  /** Null where it is a problem document. */
  readonly decision: Pick<Decision, 'allowed' | 'retryAfterMs'> | null
}

async function batch(exchange: Exchange): Promise<FastifyReply> {
  const { request, reply, service, transport } = exchange
  const { requests, together = false, deadlineMs } = request.body as BatchBody
  const options = { transport, ...(deadlineMs !== undefined && { deadlineMs }) }
  if (together) return decideTogether({ ...exchange, requests, options })
  // Read first, then asked in their order: of two for one key the second knows of the first.
  const read = await Promise.all(requests.map((body) => settledRead(service, request, body)))
  const parts = await Promise.all(read.map((one) => decideByItself(service, one, options)))
  const allowed = parts.every(({ decision }) => decision?.allowed === true)
  sendHash(reply, service.configuration())
  const answer = { allowed, retryAfterMs: longestWait(parts), decisions: parts.map(({ body }) => body) }
  return reply.code(200).type('application/json; charset=utf-8').send(JSON.stringify(answer))
}

interface Together extends Exchange {
  readonly requests: readonly LimitBody[]
  readonly options: { readonly transport: string; readonly deadlineMs?: number }
}

async function decideTogether({
  request,
  reply,
  service,
  requests,
  options,
}: Together): Promise<FastifyReply> {
  const { sources } = service.configuration()
  const filled = await Promise.all(
    requests.map(async (body, i) => {
      const path = `requests[${i}]`
      checkPart(request, ITEM, { data: body, path })
      return fillAttributes(body, request, sources).catch((reason: unknown) => {
        throw inside(reason, path)
      })
    }),
  )
  const written = filled.map((one) => one.written)
  const { allowed, retryAfterMs, decisions, ids, inForce } = await service
    .decide(written, options)
    .catch((reason: unknown) => rethrowAtField(explainedBy((filled[0] as FilledRequest).token, reason)))
  const bodies = await Promise.all(
    decisions.map(async (decision, i) => decisionBody(decision, { service, inForce, id: ids[i] })),
  )
  sendHash(reply, inForce)
  if (!allowed && retryAfterMs !== null) void reply.header('retry-after', String(secondsOf(retryAfterMs)))
  return reply
    .code(allowed || wants200(request) ? 200 : 429)
    .type('application/json; charset=utf-8')
    .send(JSON.stringify({ allowed, retryAfterMs, decisions: bodies }))
}

/** What a body asks, or why it asks nothing; never rejects. */
async function settledRead(
  service: Service,
  request: FastifyRequest,
  body: LimitBody,
): Promise<FilledRequest | { readonly mistake: unknown }> {
  try {
    checkPart(request, ITEM, { data: body, path: '' })
    if (body.anyOf !== undefined) throw notTogether()
    return await fillAttributes(body, request, service.configuration().sources)
  } catch (mistake) {
    return { mistake }
  }
}

/** A mistake, or a store that fails, is the answer of this one alone. */
async function decideByItself(
  service: Service,
  read: Awaited<ReturnType<typeof settledRead>>,
  options: Together['options'],
): Promise<Part> {
  try {
    if ('mistake' in read) throw read.mistake
    const asked: Decided = await service
      .decide([read.written], options)
      .catch((reason: unknown) => rethrowAtField(explainedBy(read.token, reason)))
    const decision = asked.decisions[0] as Decision
    return {
      decision,
      body: await decisionBody(decision, { service, inForce: asked.inForce, id: asked.ids[0] }),
    }
  } catch (reason) {
    return { decision: null, body: problemOf(service.fail(reason, options)) }
  }
}

/** The wait until all of them pass; null where one never does. */
function longestWait(parts: readonly Part[]): number | null {
  const waits = parts.map(({ decision }) => decision?.retryAfterMs ?? Number.POSITIVE_INFINITY)
  const longest = Math.max(...waits)
  return longest === Number.POSITIVE_INFINITY ? null : longest
}

function secondsOf(ms: number): number {
  return Math.max(1, Math.ceil(ms / 1000))
}

function notTogether(): Error {
  return badRequest('a group is of requests that are decided together; say "together": true', 'anyOf')
}
