import type { FastifyRequest } from 'fastify'
import type { LimitRequest } from 'headgate'
import { explainedBy } from '../../service/identity/explained-by.ts'
import type { Service } from '../../service/service.ts'
import { whenKnown } from '../../service/when-known.ts'
import { type CallMessage, callMessage } from './call-message.ts'
import type { LimitBody } from './decode.ts'
import { type FilledRequest, fillBody } from './fill-attributes.ts'
import { rethrowAtField } from './rethrow-at-field.ts'

/** A body about somebody, and the request that it came with. */
export interface Asked {
  readonly request: FastifyRequest
  readonly body: LimitBody
}

/** Asks the service what a body says, with the attributes that sources add; errors are about the fields of the body. */
export async function askService<T>(
  service: Service,
  { request, body }: Asked,
  ask: (written: LimitRequest) => Promise<T>,
): Promise<T> {
  return askFor(service, { call: callMessage(request), body }, ask)
}

/** As {@link askService}, for any message, and at once where nothing has to be waited for. */
export function askFor<T>(
  service: Service,
  { call, body }: { readonly call: CallMessage; readonly body: LimitBody },
  ask: (written: LimitRequest) => T | Promise<T>,
): T | Promise<T> {
  const filled = fillBody(body, call, service.configuration().sources)
  return whenKnown(filled, (known) => askFilled(known, ask))
}

/** Asks what a request says that was filled; errors are about its fields. */
export function askFilled<T>(
  { written, token }: FilledRequest,
  ask: (written: LimitRequest) => T | Promise<T>,
): T | Promise<T> {
  const explain = (reason: unknown): never => rethrowAtField(explainedBy(token, reason))
  try {
    const answer = ask(written)
    return answer instanceof Promise ? answer.catch(explain) : answer
  } catch (reason) {
    return explain(reason)
  }
}
