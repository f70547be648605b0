import { createLimiter } from 'headgate'
import { redisStore } from 'headgate/redis'
import { connectRedis, figureOf, type RedisParams } from '../harness/redis-subject.ts'
import { readParams, report } from '../harness/subject.ts'

/** What this subject is told. */
export interface HeadgateRedisParams extends RedisParams {
  readonly algorithm: string
  readonly limit: readonly string[]
  readonly burst?: number
}

const params = readParams<HeadgateRedisParams>()
const { algorithm, limit, burst } = params
const redis = connectRedis(params)
const limiter = createLimiter({
  algorithm,
  limit,
  ...(burst === undefined ? {} : { burst }),
  store: redisStore(redis),
  // What is measured is the store: a decision of its stand-in must not count, however busy the server is.
  deadlineMs: 10_000,
})
let sink = 0

report(await figureOf(consume, redis, params))
if (Number.isNaN(sink)) throw new Error('a decision lacked a number')
redis.disconnect()

async function consume(key: string): Promise<void> {
  const decision = await limiter.consume(key)
  if (!decision.allowed) throw new Error(`${key} was denied`)
  sink += (decision.remaining as number) + (decision.resetAfterMs as number)
}
