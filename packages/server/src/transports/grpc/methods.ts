import type { GrpcExtra } from './grpc-extras.ts'
import { CONSUME_MANY_METHODS } from './methods/consume-many.ts'
import { GUARDIAN_METHODS } from './methods/foreign/guardian.ts'
import { LIMITR_METHODS } from './methods/foreign/limitr.ts'
import { healthMethods } from './methods/health.ts'
import { RATE_LIMIT_SERVICE_METHODS } from './methods/rate-limit-service.ts'
import { RATE_LIMITER_METHODS } from './methods/rate-limiter.ts'
import { WATCH_METHODS } from './methods/watch-usage.ts'
import type { RpcMethod } from './rpc-method.ts'

const METHODS: readonly RpcMethod[] = [
  ...RATE_LIMITER_METHODS,
  ...CONSUME_MANY_METHODS,
  ...WATCH_METHODS,
  ...RATE_LIMIT_SERVICE_METHODS,
]

const EXTRAS: Readonly<Record<GrpcExtra, readonly RpcMethod[]>> = {
  limitr: LIMITR_METHODS,
  guardian: GUARDIAN_METHODS,
}

/** What is served over gRPC. */
export interface GrpcServices {
  /** Beside our own services and that of Envoy. */
  readonly extras: readonly GrpcExtra[]
}

/** All methods that are served over gRPC. */
export function grpcMethods({ extras }: GrpcServices): readonly RpcMethod[] {
  const methods = [...METHODS, ...extras.flatMap((name) => EXTRAS[name])]
  return [...methods, ...healthMethods(serviceNames(methods))]
}

/** Names of the services that have these methods. */
function serviceNames(methods: readonly RpcMethod[]): string[] {
  return [...new Set(methods.map(({ type }) => type.path.split('/')[1] as string))]
}
