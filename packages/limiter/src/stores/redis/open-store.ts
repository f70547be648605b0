import { SplitStore } from '../../core/split-store.ts'
import type { Ask } from '../../core/store.ts'
import { shardKeys, singleKeys } from './redis-key.ts'
import { type RedisStats, type RedisStore, type RedisStoreConfig, ScriptedRedisStore } from './redis-store.ts'

/** What a store is made of, whatever the topology. */
export interface OpenStoreConfig extends Omit<RedisStoreConfig, 'keys' | 'calls'> {
  readonly prefix: string
  readonly cluster: boolean
}

/** Calls under way at a time: enough of them to keep server and client busy, few enough to be shared by many decisions. */
const CALLS = 8
const SHARD_CALLS = 1
/**
 * Hash tags of the shards, by their slots: evenly apart, so that nodes with equal ranges of slots get equal shares. A
 * tag for each identity would be one call for each decision; a Cluster of more than six primaries uses six of them.
 */
const TAGS = ['f1', 'e1', 'hz', 'jb', '8p', 'ib']

/** One store for one server; one for each shard of a Cluster, since the keys of a call must share a slot. */
export function openStore({ prefix, cluster, ...config }: OpenStoreConfig): RedisStore {
  if (!cluster) return new ScriptedRedisStore({ ...config, keys: singleKeys(prefix), calls: CALLS })
  const close = async (): Promise<void> => {}
  const shards = TAGS.map(
    (tag) => new ScriptedRedisStore({ ...config, keys: shardKeys(prefix, tag), calls: SHARD_CALLS, close }),
  )
  return new ShardedRedisStore(shards, config.close)
}

class ShardedRedisStore extends SplitStore implements RedisStore {
  readonly #shards: readonly RedisStore[]
  readonly #close: () => Promise<void>

  constructor(shards: readonly RedisStore[], close: () => Promise<void>) {
    super(shards, shardOf)
    this.#shards = shards
    this.#close = close
  }

  stats(): RedisStats {
    return { foreign: this.#shards.reduce((sum, shard) => sum + shard.stats().foreign, 0) }
  }

  override close(): Promise<void> {
    return this.#close()
  }
}

/** FNV-1a over policy and identity: all rules of a budget are of one shard. */
function shardOf({ budget: { policy }, key }: Omit<Ask, 'cost'>): number {
  const hash = fnv1a(key, fnv1a('\n', fnv1a(policy)))
  // The last characters have not reached all bits yet: without this, keys numbered in a row would share a shard.
  const mixed = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d) >>> 0
  return Math.floor((mixed / 2 ** 32) * TAGS.length)
}

function fnv1a(text: string, seed = 0x811c9dc5): number {
  let hash = seed
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return hash
}
