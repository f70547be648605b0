/** A long poll: the answer comes when it is the caller's turn. */

import type { FastifyReply } from 'fastify'
import type { Decision, Duration } from 'headgate'
import { durationMs } from '../../../service/bounded-duration.ts'
import { schemaRef } from '../answer-schemas.ts'
import { askService } from '../ask-service.ts'
import { bodyOf, REQUEST_FIELDS } from '../body-fields.ts'
import type { LimitBody } from '../decode.ts'
import { sendDecision } from '../encode.ts'
import type { Exchange, Route } from '../http-route.ts'
import { ALWAYS_200, decided, wants200 } from './decisions.ts'

const TIMEOUT_MAX_MS = 60_000

export const WAIT_ROUTES: readonly Route[] = [
  {
    method: 'POST',
    path: '/v1/wait',
    summary: 'Spends as soon as it is its turn, first come first served per key of this instance.',
    body: bodyOf(...REQUEST_FIELDS, 'timeout', 'deadlineMs'),
    query: ALWAYS_200,
    responses: decided(schemaRef('Decision')),
    handler: wait,
  },
]

type WaitBody = LimitBody & { readonly timeout?: Duration; readonly deadlineMs?: number }

async function wait({ request, reply, service, transport }: Exchange): Promise<FastifyReply> {
  const { timeout = '30s', deadlineMs, ...body } = request.body as WaitBody
  const timeoutMs = durationMs(timeout, 'timeout', TIMEOUT_MAX_MS)
  const signal = leftSignal(reply)
  try {
    const options = {
      transport,
      timeoutMs,
      signal,
      ...(deadlineMs !== undefined && { deadlineMs }),
    }
    const { decisions, ids, inForce } = await askService(service, { request, body }, (written) =>
      service.wait(written, options),
    )
    return await sendDecision(reply, decisions[0] as Decision, {
      always200: wants200(request),
      service,
      inForce,
      id: ids[0],
    })
  } catch (reason) {
    // Nobody is there to be answered.
    if (signal.aborted) return reply.hijack()
    throw reason
  }
}

/** Aborts when the client leaves before it is answered. */
function leftSignal({ raw }: FastifyReply): AbortSignal {
  const left = new AbortController()
  const onClose = (): void => {
    if (!raw.writableFinished) left.abort(new Error('the client has left'))
  }
  if (raw.destroyed) onClose()
  else raw.once('close', onClose)
  return left.signal
}
