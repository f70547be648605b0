import { Redis } from 'ioredis'
import { createClient } from 'redis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { SecretOffer, SecretStore } from '../../src/core/secret-store.ts'
import { memoryStore } from '../../src/stores/memory/index.ts'
import { type ManualClock, manualClock } from '../../src/testing/manual-clock.ts'
import { RedisServer } from '../redis-server.ts'
import { clockedRedisStore } from '../redis-subject.ts'

const DAY_MS = 86_400_000
const offer = (secret: string): SecretOffer => ({ secret, addAfterMs: 30 * DAY_MS, keepMs: 90 * DAY_MS })

let server: RedisServer
let client: Redis

beforeAll(async () => {
  server = await RedisServer.start()
  client = new Redis(server.url)
})

afterAll(async () => {
  client?.disconnect()
  await server?.stop()
})

describe('the secrets of a store', () => {
  it('are the same for all that use it, whoever asks first', async () => {
    const clock = manualClock()
    const [one, two] = [0, 0].map(() => clockedRedisStore(client, clock, { prefix: 'headgate' }))
    expect(await one?.secrets(offer('aa'))).toEqual(['aa'])
    expect(await two?.secrets(offer('bb'))).toEqual(['aa'])
  })

  it('are others under another prefix', async () => {
    const clock = manualClock()
    const store = clockedRedisStore(client, clock, { prefix: 'headgate:other' })
    expect(await store.secrets(offer('cc'))).toEqual(['cc'])
  })

  it.each<[string, (clock: ManualClock) => SecretStore]>([
    ['Redis', (clock) => clockedRedisStore(client, clock, { prefix: 'headgate:renewed' })],
    ['memory', (clock) => memoryStore({ clock })],
  ])('are renewed when the newest is old, and kept while they may be needed, in %s', async (_, open) => {
    const clock = manualClock()
    const store = open(clock)
    await store.secrets(offer('a0'))
    clock.advance('29d')
    expect(await store.secrets(offer('a1'))).toEqual(['a0'])
    clock.advance('1d')
    expect(await store.secrets(offer('a2'))).toEqual(['a2', 'a0'])
    clock.advance('30d')
    expect(await store.secrets(offer('a3'))).toEqual(['a3', 'a2', 'a0'])
    clock.advance('30d')
    expect(await store.secrets(offer('a4'))).toEqual(['a4', 'a3', 'a2'])
  })

  it('are drawn anew where a value is not ours', async () => {
    const store = clockedRedisStore(client, manualClock(), { prefix: 'headgate:foreign' })
    await server.command('SET', 'headgate:foreign:{~secrets}', 'what is this')
    expect(await store.secrets(offer('dd'))).toEqual(['dd'])
    await server.command('DEL', 'headgate:foreign:{~secrets}')
    await server.command('LPUSH', 'headgate:foreign:{~secrets}', 'a list')
    expect(await store.secrets(offer('ee'))).toEqual(['ee'])
  })

  it('come through node-redis, by a URL, and expire once nobody asks any more', async () => {
    const node = await createClient({ url: server.url }).connect()
    const clock = manualClock()
    const stores = [node, server.url].map((given) =>
      clockedRedisStore(given, clock, { prefix: 'headgate:clients' }),
    )
    for (const store of stores) expect(await store.secrets(offer('ff'))).toEqual(['ff'])
    expect(await server.command('PTTL', 'headgate:clients:{~secrets}')).toBeGreaterThan(89 * DAY_MS)
    node.destroy()
    await stores[1]?.close()
  })
})
