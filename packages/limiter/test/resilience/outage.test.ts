import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { Limiter } from '../../src/core/limiter.ts'
import { createLimiter } from '../../src/create-limiter.ts'
import { type RedisStore, redisStore } from '../../src/entries/redis.ts'
import { RedisServer } from '../redis-server.ts'

/** Far above what it takes, on a busy machine too. */
const WITHIN = { timeout: 30_000, interval: 5 }

let server: RedisServer
let store: RedisStore
let limiter: Limiter

beforeAll(async () => {
  server = await RedisServer.start()
  // Nothing is connected yet when it goes down.
  await server.crash()
  store = redisStore(server.url)
  limiter = createLimiter({ algorithm: 'token-bucket', limit: '10/h', burst: 10, store, replicas: 5 })
})

afterAll(async () => {
  await limiter?.close()
  await store?.close()
  await server?.stop()
})

/** Milliseconds until decisions are made in Redis again. */
async function recovery(): Promise<number> {
  const start = performance.now()
  await vi.waitUntil(async () => (await limiter.peek('alice')).source === 'store', WITHIN)
  return performance.now() - start
}

describe('replicas of a limiter on Redis', () => {
  it('are those that gave a sign of life, this one included', async () => {
    await using other = await RedisServer.start()
    const shared = redisStore(other.url)
    await shared.ping()
    for (const id of ['one', 'two', 'one']) await shared.heartbeat(id, 5000)
    const counting = createLimiter({ limit: '10/s', store: shared })
    expect(counting.health().replicas).toBe(1)
    await counting.consume('alice')
    await vi.waitUntil(() => counting.health().replicas === 3, WITHIN)
    await other.crash()
    expect(await counting.consume('alice')).toMatchObject({ source: 'fallback', limit: 3 })
    await counting.close()
    await shared.close()
  })
})

describe('an outage of Redis', () => {
  it('at the start is decided by the share, and ends by itself', async () => {
    expect(await limiter.consume('alice')).toMatchObject({ source: 'fallback', limit: 2, remaining: 1 })
    for (let i = 0; i < 10; i++) await limiter.peek('alice')
    expect(limiter.health()).toMatchObject({ store: 'unreachable' })
    await server.restart()
    const ms = await recovery()
    console.log(`decided in Redis ${ms.toFixed(0)} ms after it answers for the first time`)
    expect(await limiter.consume('alice')).toMatchObject({ source: 'store', limit: 10, remaining: 9 })
  })

  it('by a crash in between adds nothing to the share that was spent before', async () => {
    await server.crash()
    expect(await limiter.consume('alice')).toMatchObject({ source: 'fallback', remaining: 0 })
    expect(await limiter.consume('alice')).toMatchObject({ source: 'fallback', allowed: false })
    await server.restart()
    const ms = await recovery()
    console.log(`decided in Redis ${ms.toFixed(0)} ms after a restart`)
    await server.crash()
    expect(await limiter.consume('alice')).toMatchObject({ source: 'fallback', allowed: false })
    await server.restart()
    await recovery()
  })

  it('in which it refuses to write is one too: a probe that only reads would not see it', async () => {
    await server.command('CONFIG', 'SET', 'maxmemory', '1')
    await vi.waitUntil(async () => (await limiter.consume('bob')).source === 'fallback', WITHIN)
    for (let i = 0; i < 6; i++) await limiter.consume('bob')
    await vi.waitUntil(() => (limiter.health().lastError?.message ?? '').includes('OOM'), WITHIN)
    expect(limiter.health()).toMatchObject({ store: 'unreachable' })
    await server.command('CONFIG', 'SET', 'maxmemory', '0')
    await recovery()
  })
})
