import type { ClaimingStore } from '../../core/claiming-store.ts'
import type { DocumentStore } from '../../core/document-store.ts'
import type { SecretStore } from '../../core/secret-store.ts'
import type { BudgetRequest, DecideOptions, Grant } from '../../core/store.ts'
import { SplitStore } from '../split/split-store.ts'
import { shardKeys, singleKeys } from './redis-key.ts'
import { type RedisStats, type RedisStore, type RedisStoreConfig, ScriptedRedisStore } from './redis-store.ts'
import { SHARDS, shardOf, shardTags } from './shards.ts'
import { withShardsCheck } from './shards-check.ts'

/** What a store is made of, in every topology. */
export interface OpenStoreConfig extends Omit<RedisStoreConfig, 'keys' | 'maxCalls'> {
  readonly prefix: string
  readonly cluster: boolean
  /** Shards of a Cluster. */
  readonly shards?: number | undefined
}

/** Script calls in flight: enough to keep client and server busy, few enough that each carries many decisions. */
const CALLS_MAX = 8
const SHARD_CALLS_MAX = 1

/** Makes one store for one server, or one per shard of a Cluster, since all keys of a call must be in one slot. */
export function openStore({ prefix, cluster, shards = SHARDS, ...config }: OpenStoreConfig): RedisStore {
  if (!cluster) return new ScriptedRedisStore({ ...config, keys: singleKeys(prefix), maxCalls: CALLS_MAX })
  const close = async (): Promise<void> => {}
  const run = withShardsCheck(config.run, { prefix, shards })
  const stores = shardTags(shards).map(
    (tag) =>
      new ScriptedRedisStore({
        ...config,
        run,
        keys: shardKeys(prefix, tag),
        maxCalls: SHARD_CALLS_MAX,
        close,
      }),
  )
  return new ShardedRedisStore(stores, config.close)
}

/** The shards of a Cluster as one store. */
class ShardedRedisStore extends SplitStore implements RedisStore {
  declare readonly queues: true
  declare readonly acquire: (request: BudgetRequest, min: number, options?: DecideOptions) => Promise<Grant>
  declare readonly claim: ClaimingStore['claim']
  declare readonly unclaim: ClaimingStore['unclaim']
  declare readonly secrets: SecretStore['secrets']
  declare readonly readDocument: DocumentStore['readDocument']
  declare readonly putDocument: DocumentStore['putDocument']
  readonly #shards: readonly RedisStore[]
  readonly #close: () => Promise<void>

  constructor(shards: readonly RedisStore[], close: () => Promise<void>) {
    super(shards, (key) => shardOf(key, shards.length))
    this.#shards = shards
    this.#close = close
  }

  stats(): RedisStats {
    return { unrecognized: this.#shards.reduce((sum, shard) => sum + shard.stats().unrecognized, 0) }
  }

  override close(): Promise<void> {
    return this.#close()
  }
}
