/** How many decisions a core makes in Redis over one connection, how long they take, and what they cost both sides. */
import { createLimiter, type Decision } from 'headgate'
import { redisStore } from 'headgate/redis'
import { Redis } from 'ioredis'
import { RateLimiterRedis } from 'rate-limiter-flexible'
import { type AsyncSubject, workOf } from '../harness/callers.ts'
import { makeKeys } from '../harness/keys.ts'
import { pacedTimes, sharesOf, timing } from '../harness/latencies.ts'
import type { RedisAddresses } from '../harness/redis-subject.ts'
import { redisUsage } from '../harness/redis-usage.ts'
import { readParams, reportAll } from '../harness/subject.ts'

/** What this subject is told. */
export interface RedisLatencyParams extends RedisAddresses {
  readonly of: 'headgate' | 'rate-limiter-flexible'
  readonly inFlight: number
  readonly keys: number
  readonly rule: { readonly algorithm?: string; readonly limit: string; readonly burst?: number }
  readonly lease?: { readonly max: number; readonly lifetime: string }
  /** So many keys beside the others, for which nine of ten decisions are; none when absent. */
  readonly hotKeys?: number
  /** Of the peer's client. */
  readonly enableAutoPipelining?: boolean
}

interface Opened {
  readonly subject: AsyncSubject<unknown>
  close(): Promise<void>
}

const DAY_S = 86_400
/** So long that no stand-in answers, however busy the machine is. */
const DEADLINE_MS = 1000
/** At which calls come when they are due: one rate for all, so that their times compare; a busy machine still holds it. */
const PER_SECOND = 5000
/** In which leases grow to the size that calls ask for. */
const LEASES_GROW_MS = 700

const params = readParams<RedisLatencyParams>()
const { of, inFlight, keys, hotKeys = 0, warmMs, measureMs, port = 0 } = params
const redis = new Redis({ port })
await redis.flushall()
const { subject, close } = of === 'headgate' ? await headgate() : peer()
const work = workOf(subject, { inFlight, keys })
await work(params.lease === undefined ? warmMs : LEASES_GROW_MS)

const peak = await atThePeak()
const full = timing(subject)
await workOf(full.subject, { inFlight, keys })(measureMs / 2)
if (params.lease !== undefined) await pace(LEASES_GROW_MS)
const beforePace = await redisUsage(redis)
const paced = await pace(2 * measureMs)
const afterPace = await redisUsage(redis)
const atFull = Object.entries(sharesOf(full.times)).map(([name, us]) => [`${name} at the peak`, us])
reportAll({
  ...peak,
  ...sharesOf(paced),
  ...Object.fromEntries(atFull),
  'server µs paced': ((afterPace.cpuSeconds - beforePace.cpuSeconds) * 1e6) / paced.length,
  'commands paced': (afterPace.scripts - beforePace.scripts) / paced.length,
})
await close()
redis.disconnect()

function pace(ms: number): Promise<readonly number[]> {
  return pacedTimes(subject, { perSecond: PER_SECOND, ms, keys })
}

async function atThePeak() {
  const before = await redisUsage(redis)
  const cpu = process.cpuUsage()
  const { calls, counted, seconds } = await work(measureMs)
  const { user, system } = process.cpuUsage(cpu)
  const after = await redisUsage(redis)
  return {
    'ops/s': counted / seconds,
    'decisions/core-second': (calls / (user + system)) * 1e6,
    'server µs': ((after.cpuSeconds - before.cpuSeconds) * 1e6) / calls,
    'bytes to Redis': (after.bytesIn - before.bytesIn) / calls,
    'bytes from Redis': (after.bytesOut - before.bytesOut) / calls,
    commands: (after.scripts - before.scripts) / calls,
  }
}

async function headgate(): Promise<Opened> {
  const { rule, lease } = params
  const store = redisStore(`redis://127.0.0.1:${port}`)
  // The first decisions would not wait for the connection.
  await store.ping()
  const policies = [{ name: 'default', rules: [rule], ...(lease && { lease }) }]
  const limiter = createLimiter({ policies, store, deadlineMs: DEADLINE_MS })
  const hot = makeKeys(hotKeys).map((key) => `hot:${key}`)
  let made = 0
  let hotMade = 0
  const keyOf = (key: string): string => (made++ % 10 === 0 ? key : (hot[hotMade++ % hotKeys] ?? key))
  const ask = hotKeys === 0 ? limiter.consume : (key: string) => limiter.consume(keyOf(key))
  const counts = (decision: unknown): boolean => {
    const { allowed, source } = decision as Decision
    if (!allowed) throw new Error('a call was denied')
    return source === 'store' || source === 'lease'
  }
  const close = async (): Promise<void> => {
    await limiter.close()
    await store.close()
  }
  return { subject: { ask: (key) => ask.call(limiter, key), counts }, close }
}

function peer(): Opened {
  const { enableAutoPipelining = false } = params
  const client = new Redis({ port, enableAutoPipelining })
  const limiter = new RateLimiterRedis({ storeClient: client, points: 1_000_000_000, duration: DAY_S })
  const close = async (): Promise<void> => client.disconnect()
  return { subject: { ask: (key) => limiter.consume(key), counts: () => true }, close }
}
