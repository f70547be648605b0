/** Stores of ours behind the middleware. */
import { once } from 'node:events'
import { Redis } from 'ioredis'
import { describe, expect, it, vi } from 'vitest'
import { MemoryStore, rateLimit } from '../../../src/entries/compat/express-rate-limit.ts'
import { memoryStore } from '../../../src/entries/index.ts'
import { redisStore } from '../../../src/entries/redis.ts'
import { manualClock } from '../../../src/testing/manual-clock.ts'
import { RedisServer } from '../../redis-server.ts'
import { windowMs } from './case.ts'
import { serve } from './served.ts'

function warnings(): string[] {
  const codes: string[] = []
  vi.spyOn(process, 'emitWarning').mockImplementation(((_: string, { code }: { code: string }) => {
    codes.push(code)
  }) as never)
  return codes
}

describe('a store of ours', () => {
  it('decides by its own clock', async () => {
    const clock = manualClock()
    const app = await serve(rateLimit({ windowMs, limit: 1, store: memoryStore({ clock }) }))
    expect(await app.statuses(2)).toEqual([200, 429])
    clock.advance(windowMs - 1)
    expect(await app.statuses(1)).toEqual([429])
    clock.advance(1)
    expect(await app.statuses(2)).toEqual([200, 429])
  })

  it('is one for limiters that share it, of which they are warned where their limits differ', async () => {
    const codes = warnings()
    const store = memoryStore()
    const app = await serve(rateLimit({ windowMs, limit: 3, store }))
    const other = await serve(rateLimit({ windowMs, limit: 3, store }))
    expect([...(await app.statuses(2)), ...(await other.statuses(2))]).toEqual([200, 200, 200, 429])
    expect(codes).toEqual([])
    rateLimit({ windowMs, limit: 4, store })
    expect(codes).toEqual(['HEADGATE_SHARED_COUNTER'])
  })

  it('that does not answer is an error, or passes all with passOnStoreError', async () => {
    const server = await RedisServer.start()
    const client = new Redis(server.url, {
      lazyConnect: true,
      retryStrategy: null,
      enableOfflineQueue: false,
    })
    client.on('error', () => {})
    await client.connect()
    await Promise.all([once(client, 'end'), server.crash()])
    const logged: unknown[] = []
    const logger = { error: (error: unknown) => void logged.push(error), warn() {} }
    const options = { windowMs, store: redisStore(client), logger }
    expect(await (await serve(rateLimit(options))).get()).toMatchObject({
      status: 500,
      body: 'HeadgateError',
    })
    const open = await serve(rateLimit({ ...options, limit: 1, passOnStoreError: true }))
    expect(await open.statuses(2)).toEqual([200, 200])
    const failure = expect.objectContaining({ code: 'store-unavailable' })
    expect(logged).toEqual([failure, failure])
    await server.stop()
  })
})

describe('MemoryStore', () => {
  it('has to be passed to rateLimit before it counts', async () => {
    await expect(new MemoryStore().increment('a')).rejects.toThrow(
      /no window yet; pass it to rateLimit first/,
    )
  })
})

describe('a key that is a whole address of IPv6', () => {
  it('is warned of once', async () => {
    const codes = warnings()
    const app = await serve(rateLimit({ windowMs, keyGenerator: ({ ip }) => ip ?? '' }))
    for (let i = 1; i < 3; i++) await app.get('/', { 'x-forwarded-for': `2001:db8::${i}` })
    expect(codes).toEqual(['HEADGATE_UNGROUPED_IPV6'])
  })
})
