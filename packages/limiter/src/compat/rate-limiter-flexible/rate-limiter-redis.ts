import { guarded } from '../../resilience/guarded.ts'
import { redisStore } from '../../stores/redis/index.ts'
import { DEADLINE_MS } from '../counting.ts'
import { RateLimiterAbstract } from './rate-limiter-abstract.ts'
import { checkRedisOptions, type RateLimiterRedisOptions } from './rate-limiter-options.ts'

/**
 * A limiter whose points are in Redis or Valkey, under keys that begin with `headgate:`. It neither reads nor changes the points of
 * `rate-limiter-flexible`.
 *
 * ```ts
 * const limiter = new RateLimiterRedis({ storeClient: new Redis(), points: 5, duration: 1 })
 * ```
 */
export class RateLimiterRedis extends RateLimiterAbstract {
  constructor(options: RateLimiterRedisOptions) {
    checkRedisOptions(options)
    const { storeClient, insuranceLimiter: insurance, deadlineMs = DEADLINE_MS } = options
    super(options, { store: guarded(redisStore(storeClient)), insurance, deadlineMs })
  }
}
