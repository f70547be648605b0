import { RateLimiterRedis } from 'rate-limiter-flexible'
import { connectRedis, figureOf, type RedisParams } from '../harness/redis-subject.ts'
import { readParams, report } from '../harness/subject.ts'

/** What this subject is told. */
export interface RlfRedisParams extends RedisParams {
  readonly points: number
  /** Seconds. */
  readonly duration: number
}

const params = readParams<RlfRedisParams>()
const { points, duration } = params
const redis = connectRedis(params)
const limiter = new RateLimiterRedis({ storeClient: redis, points, duration })
let sink = 0

report(await figureOf(consume, redis, params))
if (Number.isNaN(sink)) throw new Error('an answer lacked a number')
redis.disconnect()

/** Rejects when denied. */
async function consume(key: string): Promise<void> {
  const { remainingPoints, msBeforeNext } = await limiter.consume(key)
  sink += remainingPoints + msBeforeNext
}
