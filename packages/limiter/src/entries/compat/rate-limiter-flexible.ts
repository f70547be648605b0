/** The entry `headgate/compat/rate-limiter-flexible`: its classes over stores of ours. */

export { RateLimiterAbstract } from '../../compat/rate-limiter-flexible/rate-limiter-abstract.ts'
export type { RateLimiterLike } from '../../compat/rate-limiter-flexible/rate-limiter-like.ts'
export { RateLimiterMemory } from '../../compat/rate-limiter-flexible/rate-limiter-memory.ts'
export type {
  RateLimiterOptions as IRateLimiterOptions,
  RateLimiterRedisOptions as IRateLimiterRedisOptions,
} from '../../compat/rate-limiter-flexible/rate-limiter-options.ts'
export { RateLimiterRedis } from '../../compat/rate-limiter-flexible/rate-limiter-redis.ts'
export { RateLimiterRes } from '../../compat/rate-limiter-flexible/rate-limiter-res.ts'
export { RateLimiterUnion, type UnionRes } from '../../compat/rate-limiter-flexible/rate-limiter-union.ts'
