import { Redis } from 'ioredis'
import { Redis as Valkey } from 'iovalkey'
import { createCluster } from 'redis'
import { afterAll, beforeAll } from 'vitest'
import { RedisCluster } from '../harness/redis-cluster.ts'
import { clockedRedisStore } from '../redis-subject.ts'
import { testContract } from './subjects.ts'

let redis: RedisCluster
const ends: (() => unknown)[] = []

beforeAll(async () => {
  redis = await RedisCluster.start()
}, 60_000)

afterAll(async () => {
  await Promise.all(ends.map((end) => end()))
  await redis?.stop()
})

testContract('the contract on a Cluster by ioredis', (clock) => {
  const client = new Redis.Cluster(addresses())
  ends.push(() => client.disconnect())
  return clockedRedisStore(client, clock, { prefix: 'ioredis' })
})

testContract('the contract on a Cluster by iovalkey', (clock) => {
  const client = new Valkey.Cluster(addresses())
  ends.push(() => client.disconnect())
  return clockedRedisStore(client, clock, { prefix: 'iovalkey' })
})

testContract('the contract on a Cluster by redis', async (clock) => {
  const rootNodes = addresses().map(({ host, port }) => ({ socket: { host, port } }))
  const client = createCluster({ rootNodes })
  client.on('error', () => {})
  await client.connect()
  ends.push(() => client.destroy())
  return clockedRedisStore(client, clock, { prefix: 'redis' })
})

function addresses(): { host: string; port: number }[] {
  return redis.nodes.map(({ port }) => ({ host: '127.0.0.1', port }))
}
