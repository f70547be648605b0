import { Redis } from 'ioredis'
import { Redis as Valkey } from 'iovalkey'
import { createClient } from 'redis'
import { afterAll, beforeAll, expect } from 'vitest'
import { admitDocumentedUser, refusals } from '../documented-user.ts'
import { RedisServer } from '../redis-server.ts'
import { clockedRedisStore } from '../redis-subject.ts'
import { testContract } from './subjects.ts'

let server: RedisServer
let url: string
const ends: (() => unknown)[] = []

beforeAll(async () => {
  server = await RedisServer.start()
  url = await admitDocumentedUser(server, 'clients of yours,')
})

afterAll(async () => {
  await Promise.all(ends.map((end) => end()))
  expect(await refusals(server)).toEqual([])
  await server?.stop()
})

testContract('the contract on Redis by ioredis', (clock) => {
  const client = new Redis(url)
  ends.push(() => client.disconnect())
  return clockedRedisStore(client, clock, { prefix: 'headgate:ioredis' })
})

testContract('the contract on Redis by redis', async (clock) => {
  const client = createClient({ url })
  await client.connect()
  ends.push(() => client.destroy())
  return clockedRedisStore(client, clock, { prefix: 'headgate:redis' })
})

testContract('the contract on Redis by iovalkey', (clock) => {
  const client = new Valkey(url)
  ends.push(() => client.disconnect())
  return clockedRedisStore(client, clock, { prefix: 'headgate:iovalkey' })
})

testContract('the contract on Redis by a URL', (clock) => {
  const store = clockedRedisStore(url, clock, { prefix: 'headgate:url' })
  ends.push(() => store.close())
  return store
})
