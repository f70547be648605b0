/** The entry `headgate/grpc`: a limiter whose decisions a service makes over gRPC, and interceptors of `@grpc/grpc-js`. */

export type { CallLimiter, GrpcCall, InterceptorOptions } from '../grpc/call-limit.ts'
export {
  createGrpcLimiter,
  type GrpcCallOptions,
  type GrpcLimiter,
  type GrpcLimiterOptions,
} from '../grpc/grpc-limiter.ts'
export { clientRateLimit, serverRateLimit } from '../grpc/interceptors.ts'
