import { Redis } from 'ioredis'
import { Redis as Valkey } from 'iovalkey'
import { createClient } from 'redis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { kinds, shapeOf } from '../../../../scripts/print-lua.ts'
import type { Receipt } from '../../src/core/receipt.ts'
import { createLimiter } from '../../src/create-limiter.ts'
import type { RedisClient } from '../../src/stores/redis/client.ts'
import { compileScript } from '../../src/stores/redis/compile/compile-script.ts'
import { type RedisStore, redisStore } from '../../src/stores/redis/index.ts'
import { files } from '../../src/stores/redis/scripts.gen.ts'
import { admitDocumentedUser, documentedUser, refusals } from '../documented-user.ts'
import { RedisServer } from '../redis-server.ts'

let server: RedisServer
let url: string
let admin: Redis
const ends: (() => unknown)[] = []

beforeAll(async () => {
  server = await RedisServer.start()
  admin = new Redis(server.adminUrl)
  url = await admitDocumentedUser(server, 'clients of yours,')
})

afterAll(async () => {
  for (const end of ends) await end()
  admin?.disconnect()
  await server?.stop()
})

const clients: Readonly<Record<string, (url: string) => Promise<RedisClient | string>>> = {
  ioredis: async (url) => {
    const client = new Redis(url)
    ends.push(() => client.disconnect())
    return client
  },
  iovalkey: async (url) => {
    const client = new Valkey(url)
    ends.push(() => client.disconnect())
    return client
  },
  redis: async (url) => {
    const client = createClient({ url })
    await client.connect()
    ends.push(() => client.destroy())
    return client
  },
  'a URL': async (url) => url,
}

/** Logged in as the user of the page. */
async function storeOf(
  open: (url: string) => Promise<RedisClient | string>,
  prefix = 'headgate',
): Promise<RedisStore> {
  const store = redisStore(await open(url), { prefix })
  ends.push(() => store.close())
  return store
}

describe('the permissions of operations/redis.md', () => {
  it.each(Object.entries(clients))(
    'are enough for all that the store and its client do: %s',
    async (_, open) => {
      await admin.call('ACL', 'LOG', 'RESET')
      const store = await storeOf(open)
      const rules = [
        '100/min',
        { name: 'bucket', limit: '10/s', burst: 20 },
        { name: 'day', algorithm: 'fixed-window', limit: '1000/day', align: 'calendar' as const },
        { name: 'log', algorithm: 'sliding-log', limit: '5/15m' },
      ]
      const limiter = createLimiter({ policies: [{ name: 'all', rules }], store })
      await store.ping()
      expect(await store.heartbeat('me', 1000)).toBe(1)
      const { receipt } = await limiter.consume('a')
      await limiter.refund(receipt as Receipt)
      limiter.policies.set({ name: 'all', rules: rules.slice(1) })
      await limiter.charge('a', 30)
      await limiter.credit('a', 3)
      await limiter.peek('a')
      await limiter.reset('a')
      // Whatever a client sends by itself is answered before this.
      await store.ping()
      expect(await refusals(server)).toEqual([])
      expect(store.stats().unrecognized).toBe(0)
      await admin.del('headgate:{~replicas}')
    },
  )

  it('are no more than what scripts, clients and the eviction check use', () => {
    const sent = ['eval', 'evalsha', 'info', 'client|setname']
    // Only `flush` of headgate/testing runs it.
    const { clear: _, ...used } = files
    const called = Object.values({ ...used, ...blocks() }).flatMap((text) =>
      Array.from(text.matchAll(/call\('(\w+)'/g), ([, command = '']) => command.toLowerCase()),
    )
    const given = documentedUser.rules.flatMap((rule) => (rule.startsWith('+') ? [rule.slice(1)] : []))
    expect([...given].sort()).toEqual([...new Set([...sent, ...called])].sort())
  })

  it('do not reach beyond the prefix', async () => {
    const open = clients['ioredis'] as (url: string) => Promise<RedisClient>
    const limiter = createLimiter({ limit: '100/min', store: await storeOf(open, 'other') })
    await expect(limiter.consume('a')).rejects.toMatchObject({ code: 'store-unavailable' })
    expect(await refusals(server)).toEqual([expect.stringContaining('other:{default:a}')])
    await admin.call('ACL', 'LOG', 'RESET')
  })
})

/** A script with all that any has. */
function blocks(): Record<string, string> {
  return {
    all: compileScript(shapeOf(`${kinds.join(',')} | bucket`), []).text,
    one: compileScript(shapeOf('bucket'), []).text,
  }
}
