import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import { createLimiter } from 'headgate'
import { redisStore } from 'headgate/redis'
import { Redis } from 'ioredis'
import { RateLimiterMemory, RateLimiterRedis } from 'rate-limiter-flexible'
import { at, makeKeys, makeSequence } from '../harness/keys.ts'
import { quantile } from '../harness/quantile.ts'
import { startRedis } from '../harness/redis-surroundings.ts'
import { readParams, report } from '../harness/subject.ts'

/** What this subject is told. */
export interface FrozenRedisParams {
  readonly of: 'headgate' | 'rate-limiter-flexible'
  /** Decisions begun before the breaker opened, or after; where there is none, it would have by its deadline. */
  readonly phase: 'until' | 'after'
  /** Whether the greatest delay of the event loop in that phase is taken off. */
  readonly lessLoopDelay?: boolean
  readonly inFlight: number
  readonly keys: number
  readonly deadlineMs: number
}

/** What decides, and whether it has given the server up. */
interface Subject {
  decide(key: string): Promise<unknown>
  /** Where it does not know that itself: some time after the freeze. */
  hasGivenUp(msSince: number): boolean
  close(): Promise<void>
}

const LONG = { points: 1_000_000_000, duration: 86_400 }
const params = readParams<FrozenRedisParams>()
const { of, phase, lessLoopDelay = false, inFlight, keys: count, deadlineMs, warmMs, measureMs } = params
const server = await startRedis()
const redis = new Redis({
  port: server.port,
  ...(of === 'headgate' ? {} : { commandTimeout: deadlineMs }),
})
const subject = of === 'headgate' ? headgate() : peer()

try {
  report(await figure())
} finally {
  await subject.close()
  redis.disconnect()
  await server.stop()
}

/** The 99th percentile of the times of a phase, in milliseconds. */
async function figure(): Promise<number> {
  await redis.ping()
  const keys = makeKeys(count)
  const sequence = makeSequence(count)
  const times = { until: [] as number[], after: [] as number[] }
  let made = 0
  let frozenAt = Number.POSITIVE_INFINITY
  let gaveUp = false
  let running = true
  const caller = async (): Promise<void> => {
    while (running) {
      // Requests come in turns of the event loop of their own.
      await nextTurn()
      const begunAfter = gaveUp
      const start = performance.now()
      await subject.decide(keys[at(sequence, made++)] as string)
      const end = performance.now()
      if (end < frozenAt) continue
      times[begunAfter ? 'after' : 'until'].push(end - start)
      gaveUp ||= subject.hasGivenUp(end - frozenAt)
    }
  }
  const all = Promise.all(Array.from({ length: inFlight }, caller))
  await sleep(warmMs)
  // A hiccup of the machine may have opened the breaker before.
  while (subject.hasGivenUp(0)) await sleep(1)
  const loop = loopDelay()
  server.freeze()
  frozenAt = performance.now()
  while (!gaveUp) await sleep(1)
  const delay = loop.stop()
  await sleep(measureMs)
  running = false
  await all
  const p99 = quantile(times[phase], 0.99)
  return lessLoopDelay ? p99 - delay : p99
}

/** With all that a user has by default, but for the deadline if it is another one. */
function headgate(): Subject {
  const limiter = createLimiter({
    algorithm: 'token-bucket',
    limit: '1000000/52w',
    burst: 30_000_000,
    store: redisStore(redis),
    deadlineMs,
  })
  return {
    decide: (key) => limiter.consume(key),
    hasGivenUp: () => limiter.health().breaker !== 'closed',
    close: () => limiter.close(),
  }
}

/** With what it and its client have for such a case: a limit of time for a command, and a limiter in memory. */
function peer(): Subject {
  const insuranceLimiter = new RateLimiterMemory(LONG)
  const limiter = new RateLimiterRedis({ storeClient: redis, ...LONG, insuranceLimiter })
  return {
    decide: (key) => limiter.consume(key),
    hasGivenUp: (msSince) => msSince >= 2 * deadlineMs,
    close: async () => {},
  }
}

/** How late a timer of 1 ms comes, at most. */
function loopDelay(): { stop(): number } {
  let latest = 0
  let due = performance.now() + 1
  const beat = (): void => {
    latest = Math.max(latest, performance.now() - due)
    due = performance.now() + 1
    timer = setTimeout(beat, 1)
  }
  let timer = setTimeout(beat, 1)
  return {
    stop() {
      clearTimeout(timer)
      return Math.max(latest, performance.now() - due)
    },
  }
}
