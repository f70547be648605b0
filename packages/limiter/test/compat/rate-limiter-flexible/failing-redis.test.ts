import { once } from 'node:events'
import { Redis } from 'ioredis'
import * as theirs from 'rate-limiter-flexible'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as ours from '../../../src/entries/compat/rate-limiter-flexible.ts'
import { RedisServer } from '../../redis-server.ts'

const points = 5
const duration = 600
let server: RedisServer
let client: Redis

beforeAll(async () => {
  server = await RedisServer.start()
  client = new Redis(server.url, { lazyConnect: true, retryStrategy: null })
  client.on('error', () => {})
  await client.connect()
  // Not `disconnect`, whose timer would go on where the connection is closed already.
  await Promise.all([once(client, 'end'), server.crash()])
})

afterAll(async () => {
  await server?.stop()
})

describe.each([
  ['theirs', theirs.RateLimiterRedis, theirs.RateLimiterMemory],
  ['ours', ours.RateLimiterRedis, ours.RateLimiterMemory],
] as const)('a limiter whose Redis is gone, %s', (_, Limiter, Memory) => {
  it('rejects every call with an error', async () => {
    const limiter = new Limiter({ storeClient: client, points, duration })
    const calls = [
      limiter.consume('a'),
      limiter.penalty('a'),
      limiter.reward('a'),
      limiter.get('a'),
      limiter.set('a', 1, duration),
      limiter.block('a', 10),
      limiter.delete('a'),
    ]
    for (const call of calls) await expect(call).rejects.toBeInstanceOf(Error)
    await close(limiter)
  })

  it('has its insurance answer', async () => {
    const insuranceLimiter = new Memory({ points: 1, duration })
    const limiter = new Limiter({ storeClient: client, points, duration, insuranceLimiter } as never)
    expect(await limiter.consume('a')).toMatchObject({ consumedPoints: 1 })
    await expect(limiter.consume('a')).rejects.toMatchObject({ remainingPoints: 0 })
    expect(await limiter.penalty('b', 2)).toMatchObject({ consumedPoints: 2 })
    expect(await limiter.reward('b')).toMatchObject({ consumedPoints: 1 })
    expect(await limiter.set('a', 1, duration)).toMatchObject({ consumedPoints: 1 })
    expect(await limiter.get('a')).toMatchObject({ consumedPoints: 1 })
    await limiter.block('a', 10)
    await expect(limiter.consume('a')).rejects.toMatchObject({ remainingPoints: 0 })
    expect(await limiter.delete('a')).toBe(true)
    expect(await limiter.get('a')).toBeNull()
    await close(limiter)
  })
})

describe('our limiter whose Redis is gone', () => {
  it('names the failure, and takes an insurance of the other package', async () => {
    const limiter = new ours.RateLimiterRedis({ storeClient: client, points, duration })
    await expect(limiter.consume('a')).rejects.toMatchObject({ code: 'store-unavailable' })
    await limiter.close()
    const insuranceLimiter = new theirs.RateLimiterMemory({ points: 1, duration })
    const insured = new ours.RateLimiterRedis({ storeClient: client, points, duration, insuranceLimiter })
    expect(await insured.consume('a')).toMatchObject({ consumedPoints: 1 })
    await insured.close()
  })

  it('fails the call of a union, and gives back what the others consumed', async () => {
    const gone = new ours.RateLimiterRedis({ storeClient: client, points, duration, keyPrefix: 'gone' })
    const here = new ours.RateLimiterMemory({ points, duration, keyPrefix: 'here' })
    const union = new ours.RateLimiterUnion(gone, here)
    await expect(union.consume('a')).rejects.toMatchObject({ code: 'store-unavailable' })
    expect(await here.get('a')).toBeNull()
    await gone.close()
  })
})

async function close(limiter: object): Promise<void> {
  if (limiter instanceof ours.RateLimiterAbstract) await limiter.close()
}
