import { RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible'
import { connectRedis, figureOf, type RedisParams } from '../harness/redis-subject.ts'
import { readParams, report } from '../harness/subject.ts'

/** What this subject is told. */
export interface RlfRedisParams extends RedisParams {
  readonly points: number
  /** Seconds. */
  readonly duration: number
  /** Whether calls are denied once the points of their key are spent, and so may end. */
  readonly exhausted?: boolean
}

const params = readParams<RlfRedisParams>()
const { points, duration, exhausted = false } = params
const redis = connectRedis(params)
const limiter = new RateLimiterRedis({ storeClient: redis, points, duration })
let sink = 0

report(await figureOf(consume, redis, params))
if (Number.isNaN(sink)) throw new Error('an answer lacked a number')
redis.disconnect()

async function consume(key: string): Promise<boolean> {
  const { remainingPoints, msBeforeNext } = await limiter.consume(key).catch(denial)
  sink += remainingPoints + msBeforeNext
  return true
}

function denial(reason: unknown): RateLimiterRes {
  if (exhausted && reason instanceof RateLimiterRes) return reason
  throw reason
}
