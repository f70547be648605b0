import type { Decision, LimitRequest } from 'headgate'
import type { Decided } from '../../service/create-decide.ts'
import type { Service } from '../../service/service.ts'
import { askFor } from './ask-service.ts'
import type { CallMessage } from './call-message.ts'
import type { LimitBody } from './decode.ts'
import { decisionAnswer } from './encode.ts'
import type { HttpAnswer } from './http-answer.ts'
import { ASKS_CONFIG } from './usual-fields.ts'

/** What can be asked of one request. */
export type DecidingVerb = 'consume' | 'peek' | 'charge' | 'credit'

/** A question whose body fits its schema. */
export interface DecisionCall {
  readonly verb: DecidingVerb
  readonly body: LimitBody & { readonly deadlineMs?: number }
  readonly call: CallMessage
  /** As its caller may use it. */
  readonly service: Service
  /** Name of the transport that it came by. */
  readonly transport: string
  /**
   * The span that it is a part of.
   * @default that of the service, where it has one
   */
  readonly trace?: string | undefined
  /** Whether the caller wants 200 for a denial as well. */
  readonly always200: boolean
}

/** Decides, and answers; at once where nothing has to be waited for. */
export function decideBody(question: DecisionCall): HttpAnswer | Promise<HttpAnswer> {
  const { body, call, service, always200 } = question
  const decided = askFor(service, { call, body: withoutDeadline(body) }, (written) =>
    decide(written, question),
  )
  const asksConfig = call.field(ASKS_CONFIG) !== undefined
  const answer = ({ decisions, ids, inForce }: Decided): HttpAnswer | Promise<HttpAnswer> =>
    decisionAnswer(decisions[0] as Decision, { always200, service, inForce, id: ids[0], asksConfig })
  return decided instanceof Promise ? decided.then(answer) : answer(decided)
}

function withoutDeadline(body: DecisionCall['body']): LimitBody {
  if (body.deadlineMs === undefined) return body
  const { deadlineMs: _, ...limits } = body
  return limits
}

function decide(
  written: LimitRequest,
  { verb, body: { deadlineMs }, service, transport, trace }: DecisionCall,
): Decided | Promise<Decided> {
  const origin = trace === undefined ? { transport } : { transport, trace }
  const atOnce = verb === 'consume' ? service.decideAtOnce(written, origin) : null
  return (
    atOnce ?? service.decide([written], { ...origin, verb, ...(deadlineMs !== undefined && { deadlineMs }) })
  )
}
