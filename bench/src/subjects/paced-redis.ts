import { setTimeout as sleep } from 'node:timers/promises'
import { createLimiter } from 'headgate'
import { redisStore } from 'headgate/redis'
import { Redis } from 'ioredis'
import { makeKeys } from '../harness/keys.ts'
import { quantile } from '../harness/quantile.ts'
import type { RedisAddresses } from '../harness/redis-subject.ts'
import { readParams, report } from '../harness/subject.ts'

/** What this subject is told. */
export interface PacedRedisParams extends RedisAddresses {
  readonly limit: string
  readonly lease?: { readonly max: number; readonly lifetime: string }
  readonly deadlineMs: number
  readonly keys: number
  /** Calls a second, over all keys; they come when they are due, whether or not earlier ones are answered. */
  readonly rate: number
  /** Which share of the times the figure bounds. */
  readonly share: number
}

/** Leases double with each round trip: a second of 80 ms each is enough. */
const WARM_MS = 1000
/** Of the callers; the event loop turns in between. */
const BEAT_MS = 1

const {
  limit,
  lease,
  deadlineMs,
  keys: count,
  rate,
  share,
  linkPort = 0,
  measureMs,
} = readParams<PacedRedisParams>()
const redis = new Redis({ port: linkPort })
const rules = [{ algorithm: 'token-bucket', limit }]
const limiter = createLimiter({
  policies: [{ name: 'default', rules, ...(lease && { lease }) }],
  store: redisStore(redis),
  deadlineMs,
})
const keys = makeKeys(count)

await redis.flushall()
await pace(WARM_MS)
report(quantile(await pace(measureMs), share))
await limiter.close()
redis.disconnect()

/** Microseconds that each decision took, in the order they were answered. */
async function pace(ms: number): Promise<number[]> {
  const times: number[] = []
  const waiting = new Set<Promise<void>>()
  const start = performance.now()
  let made = 0
  for (let elapsed = 0; elapsed < ms; elapsed = performance.now() - start) {
    for (const due = (elapsed * rate) / 1000; made < due; made++) {
      const answer = time(keys[made % count] as string, times).finally(() => waiting.delete(answer))
      waiting.add(answer)
    }
    await sleep(BEAT_MS)
  }
  await Promise.all(waiting)
  return times
}

async function time(key: string, times: number[]): Promise<void> {
  const start = performance.now()
  const { allowed, source } = await limiter.consume(key)
  const us = (performance.now() - start) * 1000
  if (!allowed) throw new Error(`${key} was denied`)
  // A stand-in is quick, and not what is measured.
  if (source === 'store' || source === 'lease') times.push(us)
}
