/** What code for `rate-limiter-flexible` may say to its counterpart, and what is a mistake at compile time. */
import type { Redis } from 'ioredis'
import * as theirs from 'rate-limiter-flexible'
import {
  type IRateLimiterOptions,
  type IRateLimiterRedisOptions,
  type RateLimiterAbstract,
  RateLimiterMemory,
  RateLimiterRedis,
  type RateLimiterRes,
  RateLimiterUnion,
} from '../../src/entries/compat/rate-limiter-flexible.ts'

export async function right(storeClient: Redis): Promise<void> {
  const options: IRateLimiterOptions = { points: 5, duration: 0.5, keyPrefix: 'a', blockDuration: 60 }
  const memory: RateLimiterAbstract = new RateLimiterMemory(options)
  const redis: IRateLimiterRedisOptions = { ...options, storeClient, insuranceLimiter: memory }
  const limiter = new RateLimiterRedis(redis)
  new RateLimiterRedis({ ...options, storeClient, insuranceLimiter: new theirs.RateLimiterMemory(options) })
  const res: RateLimiterRes = await limiter.consume('a', 2, {})
  const like: theirs.IRateLimiterRes = res
  const count: number = like.consumedPoints ?? (await limiter.get(7))?.remainingPoints ?? 0
  limiter.points = count
  const all: Record<string, RateLimiterRes> = await new RateLimiterUnion(limiter, memory).consume('a')
  const isDeleted: boolean = await limiter.delete(Object.keys(all)[0] ?? '')
  await limiter.set('a', Number(isDeleted), 60)
}

export async function wrong(storeClient: Redis): Promise<void> {
  // @ts-expect-error duration is missing
  new RateLimiterMemory({ points: 5 })
  // @ts-expect-error a store limiter needs a client
  new RateLimiterRedis({ points: 5, duration: 1 })
  // @ts-expect-error not taken
  new RateLimiterRedis({ points: 5, duration: 1, storeClient, blockOnConsumed: 10 })
  // @ts-expect-error a name with a mistake
  const limiter = new RateLimiterMemory({ points: 5, duration: 1, keyprefix: 'a' })
  // @ts-expect-error options of a call are not taken
  await limiter.consume('a', 1, { customDuration: 5 })
  // @ts-expect-error a key is a text or a number
  await limiter.consume(undefined)
  // @ts-expect-error the prefix is part of the keys in use
  limiter.keyPrefix = 'b'
  // @ts-expect-error limiters of the other package cannot give back what they consumed
  new RateLimiterUnion(new theirs.RateLimiterMemory({ points: 5, duration: 1 }))
}
