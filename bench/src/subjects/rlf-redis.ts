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

report(await figureOf({ ask, counts: read }, redis, params))
redis.disconnect()

/** Rejects when denied, as the peer does. */
function ask(key: string): Promise<RateLimiterRes> {
  return exhausted ? limiter.consume(key).catch(denial) : limiter.consume(key)
}

function read({ remainingPoints, msBeforeNext }: RateLimiterRes): boolean {
  if (Number.isNaN(remainingPoints + msBeforeNext)) throw new Error('an answer lacks a number')
  return true
}

function denial(reason: unknown): RateLimiterRes {
  if (reason instanceof RateLimiterRes) return reason
  throw reason
}
