import { Redis } from 'ioredis'
import { Redis as Valkey } from 'iovalkey'
import { createSentinel } from 'redis'
import { afterAll, beforeAll } from 'vitest'
import { RedisSentinel } from '../harness/redis-sentinel.ts'
import { clockedRedisStore } from '../redis-subject.ts'
import { testContract } from './subjects.ts'

let redis: RedisSentinel
const ends: (() => unknown)[] = []

beforeAll(async () => {
  redis = await RedisSentinel.start()
})

afterAll(async () => {
  await Promise.all(ends.map((end) => end()))
  await redis?.stop()
})

testContract('the contract behind Sentinels by ioredis', (clock) => {
  const client = new Redis({ sentinels: [...redis.sentinels], name: redis.masterName })
  ends.push(() => client.disconnect())
  return clockedRedisStore(client, clock, { prefix: 'ioredis' })
})

testContract('the contract behind Sentinels by iovalkey', (clock) => {
  const client = new Valkey({ sentinels: [...redis.sentinels], name: redis.masterName })
  ends.push(() => client.disconnect())
  return clockedRedisStore(client, clock, { prefix: 'iovalkey' })
})

testContract('the contract behind Sentinels by redis', async (clock) => {
  const sentinelRootNodes = redis.sentinels.map((address) => ({ ...address }))
  const client = createSentinel({ name: redis.masterName, sentinelRootNodes })
  client.on('error', () => {})
  await client.connect()
  ends.push(() => client.destroy())
  return clockedRedisStore(client, clock, { prefix: 'redis' })
})
