import type { SourceRequest } from '../../service/identity/attribute-sources.ts'
import type { Service } from '../../service/service.ts'
import { tracedService } from '../../service/traced-service.ts'
import { type ReadField, readToken } from './read-token.ts'
import type { RpcCall, RpcMethod } from './rpc-method.ts'
import { GRPC } from './transport-name.ts'

/** What an engine knows of a call. */
export interface CarriedCall extends SourceRequest {
  /** How long its caller still waits, in milliseconds; undefined where it says nothing. */
  readonly deadlineMs: number | undefined
  /**
   * Aborts when the caller leaves. Few methods of one message look at it, and it costs as much as a decision: it is made when it
   * is asked for.
   */
  readonly signal: AbortSignal
}

/** What a method is told of a call. Throws where its caller may not make it. */
export function callOf(
  carried: CarriedCall,
  { isOpen }: Pick<RpcMethod, 'isOpen'>,
  service: Service,
): RpcCall {
  const header: ReadField = (name) => carried.header(name)
  const callerOf = (): Service =>
    tracedService(isOpen === true ? service : callerBy(header, service), header('traceparent')[0])
  return {
    service: callerOf(),
    callerOf,
    transport: GRPC,
    deadlineMs: carried.deadlineMs,
    get signal() {
      return carried.signal
    },
    source: carried,
  }
}

/** Throws where there is no token, and one is needed: before anything of a message is kept. */
export function checkToken(header: ReadField, service: Service): void {
  const { access } = service.configuration()
  if (!access.isOpen) access.find(readToken(header))
}

function callerBy(header: ReadField, service: Service): Service {
  return service.configuration().access.isOpen ? service : service.callerOf(readToken(header))
}
