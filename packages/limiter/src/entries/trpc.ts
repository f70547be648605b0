/** The entry `headgate/trpc`. */

export {
  rateLimit,
  type TrpcMiddleware,
  type TrpcRateLimit,
  type TrpcRateLimitOptions,
} from '../adapters/trpc.ts'
export type { TrpcCall } from '../adapters/trpc-exchange.ts'
