import { Redis } from 'ioredis'
import { Redis as Valkey } from 'iovalkey'
import { createClient } from 'redis'
import { afterAll, beforeAll } from 'vitest'
import { RedisServer } from '../redis-server.ts'
import { clockedRedisStore } from '../redis-subject.ts'
import { testContract } from './subjects.ts'

let server: RedisServer
const ends: (() => unknown)[] = []

beforeAll(async () => {
  server = await RedisServer.start()
})

afterAll(async () => {
  await Promise.all(ends.map((end) => end()))
  await server?.stop()
})

testContract('the contract on Redis by ioredis', (clock) => {
  const client = new Redis(server.url)
  ends.push(() => client.disconnect())
  return clockedRedisStore(client, clock, { prefix: 'ioredis' })
})

testContract('the contract on Redis by redis', async (clock) => {
  const client = createClient({ url: server.url })
  await client.connect()
  ends.push(() => client.destroy())
  return clockedRedisStore(client, clock, { prefix: 'redis' })
})

testContract('the contract on Redis by iovalkey', (clock) => {
  const client = new Valkey(server.url)
  ends.push(() => client.disconnect())
  return clockedRedisStore(client, clock, { prefix: 'iovalkey' })
})

testContract('the contract on Redis by a URL', (clock) => {
  const store = clockedRedisStore(server.url, clock, { prefix: 'url' })
  ends.push(() => store.close())
  return store
})
