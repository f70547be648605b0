import type { GrpcExtra } from './grpc-extras.ts'
import { CONSUME_MANY_METHODS } from './methods/consume-many.ts'
import { GUARDIAN_METHODS } from './methods/foreign/guardian-service.ts'
import { LIMITR_METHODS } from './methods/foreign/limitr-service.ts'
import { healthMethods } from './methods/health.ts'
import { RATE_LIMIT_SERVICE_METHODS } from './methods/rate-limit-service.ts'
import { RATE_LIMITER_METHODS } from './methods/rate-limiter.ts'
import { reflectionMethods } from './methods/reflection.ts'
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
  /** Whether it tells which services and messages there are. */
  readonly hasReflection: boolean
}

/** All methods that are served over gRPC. */
export function grpcMethods({ extras, hasReflection }: GrpcServices): readonly RpcMethod[] {
  const methods = [...METHODS, ...extras.flatMap((name) => EXTRAS[name])]
  const all = [...methods, ...healthMethods(serviceNames(methods))]
  return hasReflection ? [...all, ...reflectionMethods(serviceNames(all))] : all
}

/** Names of the services that have these methods. */
function serviceNames(methods: readonly RpcMethod[]): string[] {
  return [...new Set(methods.map(({ type }) => type.path.split('/')[1] as string))]
}
