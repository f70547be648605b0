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

/** What a method is told of a call, of which `callerOf` says again whose it is. */
export function callOf(carried: CarriedCall, callerOf: () => Service, caller = callerOf()): RpcCall {
  return {
    service: caller,
    callerOf,
    transport: GRPC,
    deadlineMs: carried.deadlineMs,
    signal: () => carried.signal(),
    source: carried,
  }
}

/** The service as the caller of a call may use it. Throws where it may not make it. */
export function callerOf(
  metadata: Metadata,
  { isOpen }: Pick<RpcMethod, 'isOpen'>,
  service: Service,
): Service {
  const caller = isOpen === true ? service : callerBy(metadata, service)
  return tracedService(caller, metadata.header('traceparent')[0])
}

function callerBy(metadata: Metadata, service: Service): Service {
  return service.configuration().access.isOpen ? service : service.callerOf(readToken(metadata))
}
