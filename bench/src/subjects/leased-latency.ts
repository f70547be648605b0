/** How long a decision takes where each call comes in a turn of the event loop of its own, as from a request. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { createLimiter, memoryStore } from 'headgate'
import { type RedisStore, redisStore } from 'headgate/redis'
import { Redis } from 'ioredis'
import { workOf } from '../harness/callers.ts'
import { at, makeKeys, makeSequence } from '../harness/keys.ts'
import { quantile } from '../harness/quantile.ts'
import type { RedisAddresses } from '../harness/redis-subject.ts'
import { readParams, report } from '../harness/subject.ts'
import type { RuleParams } from '../suites/rates.ts'

/** What this subject is told. */
export interface LeasedLatencyParams extends RedisAddresses {
  readonly rules: readonly RuleParams[]
  /** Of keys in Redis; without it they are in memory. */
  readonly lease?: { readonly max: number; readonly lifetime: string }
  readonly deadlineMs: number
  readonly keys: number
  /** Which share of the times the figure bounds. */
  readonly share: number
}

/** Leases grow to their full size, under as many callers as make the keys hot. */
const [WARM_MS, WARM_CALLERS] = [1000, 256] as const

const {
  rules,
  lease,
  deadlineMs,
  keys: count,
  share,
  port = 0,
  measureMs,
} = readParams<LeasedLatencyParams>()
const store = lease === undefined ? memoryStore() : await openRedis()
const policies = [{ name: 'default', rules, ...(lease && { lease }) }]
const limiter = createLimiter({ policies, store, deadlineMs })
const keys = makeKeys(count)
const sequence = makeSequence(count)
let made = 0

await warm(WARM_MS)
report(quantile(await call(measureMs), share))
await limiter.close()
await store.close?.()

async function openRedis(): Promise<RedisStore> {
  const redis = new Redis({ port })
  await redis.flushall()
  redis.disconnect()
  const store = redisStore(`redis://127.0.0.1:${port}`)
  // The first decisions would not wait for the connection.
  await store.ping()
  return store
}

async function warm(ms: number): Promise<void> {
  const subject = { ask: (key: string) => limiter.consume(key), counts: () => true }
  await workOf(subject, { inFlight: WARM_CALLERS, keys: count })(ms)
  await call(ms / 2)
}

/** Microseconds that each decision took; those that had to ask Redis are among them, and hold up no other. */
async function call(ms: number): Promise<number[]> {
  const times: number[] = []
  const waiting = new Set<Promise<void>>()
  for (const end = performance.now() + ms; performance.now() < end; ) {
    await nextTurn()
    const answer = time(keys[at(sequence, made++)] as string, times).finally(() => waiting.delete(answer))
    waiting.add(answer)
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
