import type { FastifyRequest } from 'fastify'
import type { LimitRequest } from 'headgate'
import { explainedBy } from '../../service/identity/explained-by.ts'
import type { Service } from '../../service/service.ts'
import type { LimitBody } from './decode.ts'
import { fillAttributes } from './fill-attributes.ts'
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
  const { written, token } = await fillAttributes(body, request, service.configuration().sources)
  try {
    return await ask(written)
  } catch (reason) {
    return rethrowAtField(explainedBy(token, reason))
  }
}
