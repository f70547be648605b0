import { CONSUME_MANY_METHODS } from './methods/consume-many.ts'
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

/** All methods that are served over gRPC. */
export const GRPC_METHODS: readonly RpcMethod[] = [...METHODS, ...healthMethods(serviceNames(METHODS))]

/** Names of the services that have these methods. */
function serviceNames(methods: readonly RpcMethod[]): string[] {
  return [...new Set(methods.map(({ type }) => type.path.split('/')[1] as string))]
}
