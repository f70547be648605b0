import { guarded } from '../resilience/guarded.ts'
import { type RedisStore, redisStore as storeAsItIs } from '../stores/redis/index.ts'

export type {
  IoredisLike,
  NodeRedisLike,
  RedisAddress,
  RedisClient,
  RedisConnectionOptions,
  RedisStats,
  RedisStore,
  RedisStoreOptions,
} from '../stores/redis/index.ts'

/**
 * Creates a store in Redis or Valkey: one server, Sentinel or a Cluster. One round trip for a whole decision, judged by
 * the server's clock. Takes a client of `ioredis` 6, `redis` 6 or `iovalkey`, which stays yours to configure and close;
 * or a URL or options, which open connections of the store's own with the first call. A limiter guards it with a
 * deadline and a circuit breaker, and decides by `onStoreError` while it cannot.
 */
export function redisStore(...given: Parameters<typeof storeAsItIs>): RedisStore {
  return guarded(storeAsItIs(...given))
}
