/** Compiled, not run: the clients that redisStore takes. */
import { Cluster, Redis } from 'ioredis'
import { Redis as Valkey, Cluster as ValkeyCluster } from 'iovalkey'
import { createClient, createCluster, createSentinel } from 'redis'
import { redisStore } from '../../src/stores/redis/index.ts'

export function theseAreTaken(): void {
  redisStore(new Redis())
  redisStore(new Cluster([]))
  redisStore(new Valkey())
  redisStore(new ValkeyCluster([]))
  redisStore(createClient())
  redisStore(createCluster({ rootNodes: [] }))
  redisStore(createSentinel({ name: 'm', sentinelRootNodes: [] }))
  redisStore('redis://localhost')
  redisStore({ url: 'rediss://h', password: async () => 'fresh', tls: { ca: 'pem' }, connections: 2 })
  redisStore({ sentinels: [{ host: 's1' }, { host: 's2', port: 26380 }], name: 'm', db: 1 })
  redisStore({ nodes: [{ host: 'a' }] })
}

export function theseAreNot(): void {
  // @ts-expect-error connect first, then hand it in
  redisStore(createClient().connect())
  // @ts-expect-error a number is no port
  redisStore(6379)
  // @ts-expect-error no such option
  redisStore({ hots: 'h' })
  // @ts-expect-error a function, or nothing
  redisStore({ host: 'h', password: undefined as string | undefined | number })
}
