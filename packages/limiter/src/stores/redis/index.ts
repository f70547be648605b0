import type { CustomAlgorithm } from '../../core/algorithm.ts'
import { registered } from '../../core/algorithms/custom-by-name.ts'
import { invalid, show } from '../../core/errors.ts'
import { checkFields } from '../../core/validate.ts'
import { checkNode } from './check-node.ts'
import { isClient, type RedisClient } from './client.ts'
import { connect } from './connection/connect.ts'
import type { RedisConnectionOptions } from './connection/connection-options.ts'
import { warnOfOfflineQueue } from './offline-queue-warning.ts'
import { recordSpace } from './record-space.ts'
import type { RedisStore } from './redis-store.ts'
import { serverTime } from './scripts.ts'
import { checkShards, SHARDS } from './shards.ts'
import { openStore } from './topology.ts'

export type { IoredisLike, NodeRedisLike, RedisClient } from './client.ts'
export type { RedisAddress, RedisConnectionOptions } from './connection/connection-options.ts'
export { resolveConnection } from './connection/resolve-connection.ts'
export type { RedisStats, RedisStore } from './redis-store.ts'
export { SHARDS } from './shards.ts'

/** Options of {@link redisStore}. */
export interface RedisStoreOptions {
  /**
   * First part of every key.
   * @default 'headgate'
   */
  readonly prefix?: string
  /**
   * Shards of a Cluster, up to 512: at most so many primaries share the work, and a tick makes at most so many calls.
   * The number is part of every key, so another number starts with fresh budgets. No effect without a Cluster.
   * @default 6
   */
  readonly shards?: number
  /** Your own algorithms, which need a Lua twin; the same as given to the limiter. */
  readonly algorithms?: readonly CustomAlgorithm[]
}

/**
 * Creates a store in Redis or Valkey: one server, Sentinel or a Cluster. One round trip for a whole decision, judged by
 * the server's clock. Takes a client of `ioredis` 6, `redis` 6 or `iovalkey`, which stays yours to configure and close;
 * or a URL or options, with which the store opens its own connections at the first call.
 */
export function redisStore(
  client: RedisClient | string | RedisConnectionOptions,
  options: RedisStoreOptions = {},
): RedisStore {
  checkNode(process.versions.node)
  checkFields(options, ['prefix', 'shards', 'algorithms'], 'redisStore')
  const { prefix = 'headgate', shards = SHARDS, algorithms } = options
  checkShards(shards, 'redisStore.shards')
  if (typeof prefix !== 'string' || !/^[A-Za-z0-9][A-Za-z0-9._:/-]{0,63}$/.test(prefix)) {
    const fix = 'use up to 64 letters, digits, dots, colons, dashes, underscores and slashes'
    throw invalid('redisStore.prefix', `${show(prefix)} is not a prefix; ${fix}`)
  }
  const custom = [...registered(algorithms, 'redisStore.algorithms').values()]
  for (const { kind, lua } of custom) {
    if (lua !== '') continue
    throw invalid(
      'redisStore.algorithms',
      `algorithm ${kind} has no Lua twin, which Redis needs; give it lua`,
    )
  }
  if (isClient(client)) warnOfOfflineQueue(client)
  const store = openStore({ ...connect(client), prefix, shards, custom, preamble: serverTime })
  return Object.assign(store, { keyspace: recordSpace(client, prefix) })
}
