import { Redis } from 'ioredis'
import { Redis as Valkey } from 'iovalkey'
import { createCluster } from 'redis'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createLimiter } from '../../src/entries/index.ts'
import { type RedisStore, redisStore } from '../../src/entries/redis.ts'
import { flush } from '../../src/entries/testing.ts'
import { admitDocumentedUser, documentedUser, refusals } from '../documented-user.ts'
import { RedisCluster } from '../harness/redis-cluster.ts'
import { clockedRedisStore } from '../redis-subject.ts'
import { testContract } from './subjects.ts'

let redis: RedisCluster
const ends: (() => unknown)[] = []
const { name: username, password } = documentedUser

beforeAll(async () => {
  redis = await RedisCluster.start({
    permissions: ['a Cluster', 'clients of yours,', 'clients of yours for a Cluster', '`flush` of'],
  })
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

it('forgets everything on all its servers when it is cleared, and nothing of other prefixes', async () => {
  const client = new Redis.Cluster(addresses())
  ends.push(() => client.disconnect())
  const [cleared, kept] = ['headgate:cleared', 'headgate:kept'].map((prefix) =>
    redisStore(client, { prefix }),
  )
  const limiters = [cleared, kept].map((store) =>
    createLimiter({ limit: '10/min', store: store as RedisStore }),
  )
  const keys = Array.from({ length: 30 }, (_, i) => `k${i}`)
  for (const limiter of limiters) await Promise.all(keys.map((key) => limiter.consume(key)))
  await flush(cleared as RedisStore)
  const left = await Promise.all(
    limiters.map((limiter) => Promise.all(keys.map(async (key) => (await limiter.peek(key)).remaining))),
  )
  expect(left).toEqual([keys.map(() => 9), keys.map(() => 8)])
  await Promise.all(limiters.map((limiter) => limiter.close()))
})
