import { Redis } from 'ioredis'
import { Redis as Valkey } from 'iovalkey'
import { createSentinel } from 'redis'
import { afterAll, beforeAll, expect } from 'vitest'
import { admitDocumentedUser, documentedUser, refusals } from '../documented-user.ts'
import { RedisSentinel } from '../harness/redis-sentinel.ts'
import { clockedRedisStore } from '../redis-subject.ts'
import { testContract } from './subjects.ts'

let redis: RedisSentinel
const ends: (() => unknown)[] = []
const { name: username, password } = documentedUser

beforeAll(async () => {
  redis = await RedisSentinel.start()
  for (const server of redis.servers) await admitDocumentedUser(server, 'clients of yours,')
})

afterAll(async () => {
  await Promise.all(ends.map((end) => end()))
  expect((await Promise.all(redis.servers.map(refusals))).flat()).toEqual([])
  await redis?.stop()
})

testContract('the contract behind Sentinels by ioredis', (clock) => {
  const client = new Redis({ sentinels: [...redis.sentinels], name: redis.masterName, username, password })
  ends.push(() => client.disconnect())
  return clockedRedisStore(client, clock, { prefix: 'headgate:ioredis' })
})

testContract('the contract behind Sentinels by iovalkey', (clock) => {
  const client = new Valkey({ sentinels: [...redis.sentinels], name: redis.masterName, username, password })
  ends.push(() => client.disconnect())
  return clockedRedisStore(client, clock, { prefix: 'headgate:iovalkey' })
})

testContract('the contract behind Sentinels by redis', async (clock) => {
  const sentinelRootNodes = redis.sentinels.map((address) => ({ ...address }))
  const client = createSentinel({
    name: redis.masterName,
    sentinelRootNodes,
    nodeClientOptions: { username, password },
  })
  client.on('error', () => {})
  await client.connect()
  ends.push(() => client.destroy())
  return clockedRedisStore(client, clock, { prefix: 'headgate:redis' })
})
