/** Several requests in one message: each by itself, or all of them or none. */

import type { Decision, LimitRequest } from 'headgate'
import {
  type BatchItem,
  type ConsumeManyRequest,
  type ConsumeManyResponse,
  type Decision as DecisionMessage,
  RateLimiter,
} from '../../../gen/headgate-v1.ts'
import { badRequest } from '../../../service/describe-failure.ts'
import { explainedBy } from '../../../service/identity/explained-by.ts'
import type { FilledRequest } from '../../http/fill-attributes.ts'
import { atWireField, rethrowAtField } from '../../http/rethrow-at-field.ts'
import { exchange, type RpcCall, type RpcMethod, unary } from '../rpc-method.ts'
import { timeToAnswer } from '../time-to-answer.ts'
import { decisionMessage, decisionOfProblem, problemMessage, readRequest } from './limit-messages.ts'

/** Most requests of one message: together they are one decision of the store. */
const REQUESTS_MAX = 100
const VERBS = ['consume', 'peek', 'charge', 'credit'] as const

export const CONSUME_MANY_METHODS: readonly RpcMethod[] = [
  unary(RateLimiter.ConsumeMany, consumeMany),
  // A message that is wrong ends nothing: those before and after it are none the worse.
  exchange(RateLimiter.ConsumeStream, (request, call) =>
    consumeMany(request, call).catch((reason: unknown) => {
      const failure = call.service.fail(atWireField(reason), { transport: call.transport })
      return { allowed: false, decisions: [], problem: problemMessage(failure) }
    }),
  ),
]

async function consumeMany(
  { requests, together }: ConsumeManyRequest,
  call: RpcCall,
): Promise<ConsumeManyResponse> {
  if (requests.length === 0 || requests.length > REQUESTS_MAX) {
    throw badRequest(`there are ${requests.length} requests; send 1 to ${REQUESTS_MAX}`, 'requests')
  }
  return together ? decideTogether(requests, call) : decideEach(requests, call)
}

async function decideTogether(items: readonly BatchItem[], call: RpcCall): Promise<ConsumeManyResponse> {
  const { service, transport, deadlineMs } = call
  const filled = await Promise.all(
    items.map((item, i) =>
      readItem(item, call).catch((reason: unknown) => {
        throw atItem(reason, i)
      }),
    ),
  )
  const written = filled.map((one) => one.written)
  const { allowed, retryAfterMs, decisions, ids } = await service
    .decide(written, { transport, ...timeToAnswer(deadlineMs) })
    .catch((reason: unknown) => rethrowAtField(explainedBy((filled[0] as FilledRequest).token, reason)))
  const messages = await Promise.all(
    decisions.map(async (decision, i) => decisionMessage(decision, { service, id: ids[i] })),
  )
  return { allowed, retryAfterMs: retryAfterMs ?? undefined, decisions: messages }
}

/** In their order: of two for one key the second knows of the first. */
async function decideEach(items: readonly BatchItem[], call: RpcCall): Promise<ConsumeManyResponse> {
  const read = await Promise.all(
    items.map((item) => readItem(item, call).catch((mistake: unknown) => ({ mistake }))),
  )
  const decisions = await Promise.all(read.map((one) => decideOne(one, call)))
  const waits = decisions.map(({ problem, retryAfterMs }) =>
    problem === undefined ? retryAfterMs : undefined,
  )
  const isNever = waits.some((wait) => wait === undefined)
  return {
    allowed: decisions.every(({ allowed }) => allowed),
    retryAfterMs: isNever ? undefined : Math.max(...(waits as number[])),
    decisions,
  }
}

async function decideOne(
  read: FilledRequest | { readonly mistake: unknown },
  { service, transport, deadlineMs }: RpcCall,
): Promise<DecisionMessage> {
  try {
    if ('mistake' in read) throw read.mistake
    const { written, token } = read
    if (written.anyOf !== undefined) throw notTogether()
    const { decisions, ids } = await service
      .decide([written], { transport, ...timeToAnswer(deadlineMs) })
      .catch((reason: unknown) => rethrowAtField(explainedBy(token, reason)))
    return await decisionMessage(decisions[0] as Decision, { service, id: ids[0] })
  } catch (reason) {
    return decisionOfProblem(problemMessage(service.fail(reason, { transport })))
  }
}

async function readItem({ request, verb, anyOf }: BatchItem, call: RpcCall): Promise<FilledRequest> {
  const { written, token } = await readRequest(request, call)
  const more = { ...(verb !== '' && { verb: verbOf(verb) }), ...(anyOf !== undefined && { anyOf }) }
  return { written: { ...written, ...more }, token }
}

function verbOf(text: string): NonNullable<LimitRequest['verb']> {
  const verb = VERBS.find((one) => one === text)
  if (verb !== undefined) return verb
  throw badRequest(`${JSON.stringify(text.slice(0, 32))} is not one of ${VERBS.join(', ')}`, 'verb')
}

function atItem(reason: unknown, i: number): Error {
  const { code, detail, path } = atWireField(reason)
  return badRequest(
    detail,
    path === '' ? `requests[${i}]` : `requests[${i}].${path}`,
    code as 'invalid-request',
  )
}

function notTogether(): Error {
  return badRequest('a group is of requests that are decided together; say together: true', 'any_of')
}
