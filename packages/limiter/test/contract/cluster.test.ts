import { Redis } from 'ioredis'
import { Redis as Valkey } from 'iovalkey'
import { createCluster } from 'redis'
import { afterAll, beforeAll, expect } from 'vitest'
import { admitDocumentedUser, documentedUser, refusals } from '../documented-user.ts'
import { RedisCluster } from '../harness/redis-cluster.ts'
import { clockedRedisStore } from '../redis-subject.ts'
import { testContract } from './subjects.ts'

let redis: RedisCluster
const ends: (() => unknown)[] = []
const { name: username, password } = documentedUser

beforeAll(async () => {
  redis = await RedisCluster.start()
  for (const node of redis.nodes)
    await admitDocumentedUser(node, 'a Cluster', 'clients of yours,', 'clients of yours for a Cluster')
}, 60_000)

afterAll(async () => {
  await Promise.all(ends.map((end) => end()))
  expect((await Promise.all(redis.nodes.map(refusals))).flat()).toEqual([])
  await redis?.stop()
})

testContract('the contract on a Cluster by ioredis', (clock) => {
  const client = new Redis.Cluster(addresses(), { redisOptions: { username, password } })
  ends.push(() => client.disconnect())
  return clockedRedisStore(client, clock, { prefix: 'headgate:ioredis' })
})

testContract('the contract on a Cluster by iovalkey', (clock) => {
  const client = new Valkey.Cluster(addresses(), { redisOptions: { username, password } })
  ends.push(() => client.disconnect())
  return clockedRedisStore(client, clock, { prefix: 'headgate:iovalkey' })
})

testContract('the contract on a Cluster by redis', async (clock) => {
  const rootNodes = addresses().map(({ host, port }) => ({ socket: { host, port } }))
  const client = createCluster({ rootNodes, defaults: { username, password } })
  client.on('error', () => {})
  await client.connect()
  ends.push(() => client.destroy())
  return clockedRedisStore(client, clock, { prefix: 'headgate:redis' })
})

function addresses(): { host: string; port: number }[] {
  return redis.nodes.map(({ port }) => ({ host: '127.0.0.1', port }))
}
