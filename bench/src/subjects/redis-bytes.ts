/** What Redis keeps of a key: what its memory grew by, the key's share of its tables included. */
import { createLimiter } from 'headgate'
import { redisStore } from 'headgate/redis'
import { Redis } from 'ioredis'
import { RateLimiterRedis } from 'rate-limiter-flexible'
import { makeCalls } from '../harness/callers.ts'
import { redisUsage } from '../harness/redis-usage.ts'
import { readParams, report } from '../harness/subject.ts'
import type { RedisLatencyParams } from './redis-latency.ts'

/** What this subject is told. */
export interface RedisBytesParams extends Pick<RedisLatencyParams, 'of' | 'rule' | 'port'> {
  readonly keys: number
}

const DAY_S = 86_400
const DEADLINE_MS = 1000
const IN_FLIGHT = 256

const { of, rule, keys, port = 0 } = readParams<RedisBytesParams>()
const redis = new Redis({ port })
await redis.flushall()
await (of === 'headgate' ? headgate() : peer())
redis.disconnect()

async function headgate(): Promise<void> {
  const store = redisStore(`redis://127.0.0.1:${port}`)
  await store.ping()
  const limiter = createLimiter({
    policies: [{ name: 'default', rules: [rule] }],
    store,
    deadlineMs: DEADLINE_MS,
  })
  await fill((key) => limiter.consume(key))
  await limiter.close()
  await store.close()
}

function peer(): Promise<void> {
  const limiter = new RateLimiterRedis({ storeClient: redis, points: 1_000_000_000, duration: DAY_S })
  return fill((key) => limiter.consume(key))
}

async function fill(ask: (key: string) => Promise<unknown>): Promise<void> {
  // Scripts and buffers of the connection are not the keys'.
  await ask('another')
  const before = await redisUsage(redis)
  await makeCalls({ ask, counts: () => true }, { inFlight: IN_FLIGHT, keys }, keys)
  const after = await redisUsage(redis)
  report((after.memoryBytes - before.memoryBytes) / keys)
}
