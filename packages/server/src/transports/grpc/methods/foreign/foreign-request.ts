import type { Decision, Explanation, LimitRequest } from 'headgate'
import type { LimitRequest as LimitMessage } from '../../../../gen/headgate-v1.ts'
import type { RpcCall } from '../../rpc-method.ts'
import { timeToAnswer } from '../../time-to-answer.ts'
import { asking, readRequest } from '../limit-messages.ts'

/** Whom a message of another system is about. */
export interface ForeignRequest {
  readonly attributes: Readonly<Record<string, string>>
  readonly cost?: number
}

/** What the service would answer to a call that spends nothing: how everything stands now. No event, and read by `read`. */
export async function standing(request: ForeignRequest, call: RpcCall): Promise<Explanation> {
  const message = messageOf({ ...request, cost: 0 })
  return asking(message, call, ({ who, ...options }) =>
    call.service.explain(who, { ...options, ...timeToAnswer(call.deadlineMs) }),
  )
}

/** Spends; `more` is what the message says beside whom it is about. */
export async function consuming(
  request: ForeignRequest,
  call: RpcCall,
  more: Pick<LimitRequest, 'rule' | 'policy'> = {},
): Promise<Decision> {
  const { service, transport, deadlineMs } = call
  const { decisions } = await asking(messageOf(request), call, (written) =>
    service.decide([{ ...written, ...more }], { transport, ...timeToAnswer(deadlineMs) }),
  )
  return decisions[0] as Decision
}

/** The attributes of a request, with those that sources add. */
export async function whoOf(request: ForeignRequest, call: RpcCall): Promise<LimitRequest['who']> {
  const { written } = await readRequest(messageOf(request), call)
  return written.who
}

function messageOf({ attributes, cost }: ForeignRequest): LimitMessage {
  return { attributes, descriptor: [], policy: '', limit: [], ...(cost !== undefined && { cost }) }
}

/** Now, in whole seconds since 1970: levels are told as they stand at the moment of the answer. */
export function nowSeconds(): number {
  return Math.floor(Date.now() / 1000)
}
