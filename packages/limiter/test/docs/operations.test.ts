import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createLimiter } from '../../src/create-limiter.ts'
import { redisStore } from '../../src/stores/redis/index.ts'
import { RedisServer } from '../redis-server.ts'
import { root } from './documents.ts'

const page = readFileSync(join(root, 'docs/operations/redis.md'), 'utf8')

let server: RedisServer
let admin: Redis
let client: Redis

beforeAll(async () => {
  server = await RedisServer.start()
  admin = new Redis(server.url)
  const [command = '', ...args] = /^ACL SETUSER .*$/m.exec(page)?.[0]?.split(' ') ?? []
  await admin.call(command, ...args)
  const [, user, password] = /^ACL SETUSER (\S+) on >(\S+)/m.exec(page) ?? []
  client = new Redis(server.url.replace('://', `://${user}:${password}@`))
})

afterAll(async () => {
  client?.disconnect()
  admin?.disconnect()
  await server?.stop()
})

describe('the permissions of operations/redis.md', () => {
  it('are enough for all that the store does', async () => {
    const store = redisStore(client)
    const rules = [
      '100/min',
      { name: 'bucket', limit: '10/s', burst: 20 },
      { name: 'day', algorithm: 'fixed-window', limit: '1000/day', align: 'calendar' as const },
      { name: 'log', algorithm: 'sliding-log', limit: '5/15m' },
    ]
    const limiter = createLimiter({ policies: [{ name: 'all', rules }], store })
    await store.ping()
    const { receipt } = await limiter.consume('a')
    await limiter.refund(receipt ?? '')
    limiter.policies.set({ name: 'all', rules: rules.slice(1) })
    await limiter.charge('a', 30)
    await limiter.peek('a')
    await limiter.reset('a')
    expect(await admin.acl('LOG')).toEqual([])
    expect(store.stats().foreign).toBe(0)
  })

  it('do not reach beyond the prefix', async () => {
    const limiter = createLimiter({ limit: '100/min', store: redisStore(client, { prefix: 'other' }) })
    await expect(limiter.consume('a')).rejects.toMatchObject({ code: 'store-unavailable' })
  })
})
