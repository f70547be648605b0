import type { FastifyRequest } from 'fastify'
import type { LimitRequest } from 'headgate'
import type { AttributeSources, SourceRequest } from '../../service/identity/attribute-sources.ts'
import { NO_TOKEN, type Token } from '../../service/identity/verify-token.ts'
import { whenKnown } from '../../service/when-known.ts'
import { type CallMessage, callMessage } from './call-message.ts'
import { decodeRequest, type LimitBody } from './decode.ts'
import { sourcesOfCaller } from './source-request.ts'

/** A request as the limiter takes it, and the token that its caller sent along. */
export interface FilledRequest {
  readonly written: LimitRequest
  readonly token: Token
}

/**
 * Reads a body, and adds the attributes that it leaves out where the configuration has a source for them. Whoever gives a `key`
 * means that alone.
 */
export async function fillAttributes(
  body: LimitBody,
  request: FastifyRequest,
  sources: AttributeSources,
): Promise<FilledRequest> {
  return fillBody(body, callMessage(request), sources)
}

/** As {@link fillAttributes}, of any message; a promise only where a token has to be verified. */
export function fillBody(
  body: LimitBody,
  call: CallMessage,
  sources: AttributeSources,
): FilledRequest | Promise<FilledRequest> {
  const written = decodeRequest(body)
  if (sources.isEmpty || body.attributes === undefined) return { written, token: NO_TOKEN }
  return fillRequest(written, sourcesOfCaller(call, body.descriptor), sources)
}

/** Adds to a request the attributes that it leaves out where the configuration has a source for them. */
export function fillRequest(
  written: LimitRequest,
  source: SourceRequest,
  sources: AttributeSources,
): FilledRequest | Promise<FilledRequest> {
  const { who } = written
  if (sources.isEmpty || typeof who === 'string') return { written, token: NO_TOKEN }
  return whenKnown(sources.resolve(source, who), ({ attributes, token }) => {
    return { written: { ...written, who: { ...attributes, ...who } }, token }
  })
}
