import type { FastifyRequest } from 'fastify'
import type { DescriptorEntry } from 'headgate'
import { peerOf } from '../../listener/peer-of.ts'
import type { SourceRequest } from '../../service/identity/attribute-sources.ts'
import { cookiesOf } from '../../service/identity/cookies-of.ts'
import { type CallMessage, callMessage } from './call-message.ts'

const nothing = (): readonly string[] => []

/**
 * A request of somebody who asks about another request, by a body that may have a descriptor: its own query and cookies are no
 * sources.
 */
export function sourcesOfCaller(
  call: CallMessage,
  descriptor: readonly DescriptorEntry[] = [],
): SourceRequest {
  return {
    message: call.message,
    peer: peerOf(call.socket),
    header: (name) => call.values(name),
    query: nothing,
    cookie: nothing,
    descriptor: (name) => descriptor.filter(({ key }) => key === name).map(({ value }) => String(value)),
  }
}

/** A request that a gateway passes on, with the query of the original one. */
export function sourcesOfGateway(request: FastifyRequest, query: URLSearchParams): SourceRequest {
  return {
    ...sourcesOfCaller(callMessage(request)),
    query: (name) => query.getAll(name),
    cookie: (name) => cookiesOf(request.headers.cookie ?? '', name),
  }
}
