/** The entry `headgate/redis`: the store in Redis or Valkey. */

import { guarded } from '../resilience/guarded.ts'
import type { RedisCommands } from '../stores/redis/connection/redis-commands.ts'
import {
  type RedisClient,
  type RedisConnectionOptions,
  type RedisStore,
  type RedisStoreOptions,
  resolveConnection,
  redisStore as unguardedRedisStore,
} from '../stores/redis/index.ts'

export type { RedisAnswer, RedisCommands } from '../stores/redis/connection/redis-commands.ts'
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
export { SHARDS } from '../stores/redis/index.ts'

/**
 * Creates a store in Redis or Valkey: one server, Sentinel or a Cluster. A decision is one round trip, by the server's clock.
 *
 * `client` is a client of `ioredis` 6, `redis` 6 or `iovalkey`, which you configure and close; or a URL or options, with which
 * the store opens its own connections at the first call and closes them itself. A limiter guards the store with a deadline and
 * a circuit breaker, and decides by `onStoreError` while it does not answer. Invalid options, and a Node older
 * than 22.12, throw `invalid-options`.
 *
 * ```ts
 * const limiter = createLimiter({ limit: '100/min', store: redisStore('redis://localhost:6379') })
 * ```
 */
export function redisStore(
  client: RedisClient | string | RedisConnectionOptions,
  options: RedisStoreOptions = {},
): RedisStore {
  return guarded(unguardedRedisStore(client, options))
}

/** What a URL says, as options of a connection; nothing is connected to. A URL that is none of Redis throws `invalid-options`. */
export function parseRedisUrl(url: string): RedisConnectionOptions {
  return resolveConnection(url)
}

/**
 * Connects to the one server of `host` or `path`, and logs in, for commands of your own such as `INFO`. It is made for
 * diagnostics: it does not connect again, and rejects where the server does not answer within a second.
 */
export async function redisCommands(options: RedisConnectionOptions): Promise<RedisCommands> {
  const { openCommands } = await import('../stores/redis/connection/redis-commands.ts')
  return openCommands(resolveConnection(options))
}
