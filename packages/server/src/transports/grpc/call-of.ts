import type { SourceRequest } from '../../service/identity/attribute-sources.ts'
import type { Service } from '../../service/service.ts'
import { tracedService } from '../../service/traced-service.ts'
import { type Metadata, readToken } from './read-token.ts'
import type { RpcCall, RpcMethod } from './rpc-method.ts'
import { GRPC } from './transport-name.ts'

/** What an engine knows of a call. */
export interface CarriedCall extends SourceRequest {
  /** How long its caller still waits, in milliseconds; undefined where it says nothing. */
  readonly deadlineMs: number | undefined
  /** What aborts when the caller leaves, made when it is first asked for. */
  signal(): AbortSignal
}

/** What a method is told of a call. Throws where its caller may not make it. */
export function callOf(
  carried: CarriedCall,
  { isOpen }: Pick<RpcMethod, 'isOpen'>,
  service: Service,
): RpcCall {
  const callerOf = (): Service => {
    const caller = isOpen === true ? service : callerBy(carried, service)
    return tracedService(caller, carried.header('traceparent')[0])
  }
  return {
    service: callerOf(),
    callerOf,
    transport: GRPC,
    deadlineMs: carried.deadlineMs,
    signal: () => carried.signal(),
    source: carried,
  }
}

/** Throws where there is no token, and one is needed: before anything of a message is kept. */
export function checkToken(metadata: Metadata, service: Service): void {
  const { access } = service.configuration()
  if (!access.isOpen) access.find(readToken(metadata))
}

function callerBy(metadata: Metadata, service: Service): Service {
  return service.configuration().access.isOpen ? service : service.callerOf(readToken(metadata))
}
