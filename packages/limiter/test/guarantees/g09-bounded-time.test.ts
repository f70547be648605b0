import fc from 'fast-check'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { Source } from '../../src/core/decision.ts'
import { HeadgateError } from '../../src/core/errors.ts'
import type { OnStoreError } from '../../src/core/on-store-error.ts'
import type { Verdicts } from '../../src/core/store.ts'
import { createLimiter } from '../../src/create-limiter.ts'
import { redisStore } from '../../src/entries/redis.ts'
import { guarded } from '../../src/entries/resilience.ts'
import { manualClock } from '../../src/testing/manual-clock.ts'
import { RedisServer } from '../redis-server.ts'
import { ControllableStore, turn } from '../resilience/controllable-store.ts'

/** Far above what it takes, on a busy machine too. */
const WITHIN = { timeout: 30_000, interval: 5 }

/** Decisions of one turn of the event loop. */
const BURST = 5000
const sources: Record<OnStoreError, Source> = { local: 'fallback', open: 'open', closed: 'closed' }
const modes = Object.keys(sources) as OnStoreError[]

const unhandled: unknown[] = []
const note = (reason: unknown): number => unhandled.push(reason)

beforeAll(() => process.on('unhandledRejection', note))
afterAll(() => {
  process.off('unhandledRejection', note)
  expect(unhandled).toEqual([])
})

describe('G9 bounded time, whatever the store does', () => {
  it('every decision settles within its deadline: a property over answers, failures, silence and lateness', async () => {
    const fate = fc.record({
      what: fc.constantFrom('answer', 'fail', 'silence', 'misuse'),
      afterMs: fc.nat(60),
      callerMs: fc.option(fc.integer({ min: 0, max: 40 }), { nil: undefined }),
      mode: fc.constantFrom(...modes),
    })
    await fc.assert(
      fc.asyncProperty(
        fc.array(fate, { minLength: 1, maxLength: 40, size: 'max' }),
        fc.integer({ min: 1, max: 30 }),
        async (fates, deadlineMs) => {
          const clock = manualClock()
          let asked = 0
          const store = guarded(
            Object.assign(new ControllableStore(), {
              ping: () => Promise.reject(new Error('down')),
              decide: () =>
                new Promise<Verdicts>((resolve, reject) => {
                  const { what, afterMs } = fates[asked++ % fates.length] as (typeof fates)[number]
                  if (what === 'silence') return
                  clock.after(afterMs, () => {
                    if (what === 'answer') resolve({ now: 1, numbers: [0, 1, 0], source: 'store' })
                    else if (what === 'fail') reject(new Error('reset by peer'))
                    else reject(new HeadgateError('invalid-rule', 'no twin'))
                  })
                }),
            }),
          )
          const policies = modes.map((mode) => ({ name: mode, rules: ['9/s'], onStoreError: mode }))
          const limiter = createLimiter({ policies, store, clock, deadlineMs, replicas: 2 })
          let settled = 0
          for (const { mode, callerMs } of fates) {
            const startUs = clock.now()
            const allowedUs = Math.min(deadlineMs, callerMs ?? deadlineMs) * 1000
            const options = callerMs === undefined ? {} : { deadlineMs: callerMs }
            void limiter.consume('alice', { policy: mode, ...options }).then(
              ({ source }) => {
                expect(['store', sources[mode]]).toContain(source)
                expect(clock.now() - startUs).toBeLessThanOrEqual(allowedUs + 1000)
                settled++
              },
              (reason) => {
                expect(reason).toMatchObject({ code: 'invalid-rule' })
                settled++
              },
            )
            clock.advance(1)
            await turn()
          }
          for (let ms = 0; ms < deadlineMs; ms++) {
            clock.advance(1)
            await turn()
          }
          expect(settled).toBe(fates.length)
          await limiter.close()
          clock.advance('1s')
          await turn()
          expect(clock.pending).toBe(0)
        },
      ),
      { numRuns: 60 },
    )
  })

  it('a store that throws, and one whose promises never settle, are bounded alike', async () => {
    for (const manner of ['throw', 'hang'] as const) {
      const store = new ControllableStore()
      store.manner = manner
      const limiter = createLimiter({ limit: '5/s', store: guarded(store), deadlineMs: 2 })
      const decisions = await Promise.all(Array.from({ length: 8 }, () => limiter.consume('alice')))
      expect(decisions.map(({ source }) => source)).toEqual(Array.from({ length: 8 }, () => 'fallback'))
      await limiter.close()
    }
  })
})

describe('G9 bounded time on a real Redis', () => {
  let server: RedisServer
  let client: Redis

  beforeAll(async () => {
    server = await RedisServer.start()
    client = new Redis(server.url, {
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      autoResendUnfulfilledCommands: false,
    })
    client.on('error', () => {})
    await vi.waitUntil(() => client.status === 'ready', WITHIN)
  })

  afterAll(async () => {
    client?.disconnect()
    await server?.stop()
  })

  const FLIGHT = 256
  const DEADLINE_MS = 15

  it.each(modes)('256 decisions in flight when it freezes: all settle, %s', async (onStoreError) => {
    const limiter = createLimiter({
      limit: '100000/s',
      store: redisStore(client, { prefix: `headgate:${onStoreError}` }),
      onStoreError,
      deadlineMs: DEADLINE_MS,
    })
    await vi.waitUntil(async () => (await limiter.consume('warm')).source === 'store', WITHIN)
    const lag = loopLag()
    server.freeze()
    let longestMs = 0
    const decisions = await Promise.all(
      Array.from({ length: FLIGHT }, async (_, i) => {
        const start = performance.now()
        const decision = await limiter.consume(`k${i}`)
        longestMs = Math.max(longestMs, performance.now() - start)
        return decision
      }),
    )
    const lagMs = lag()
    const opened = performance.now()
    const refused = await Promise.all(Array.from({ length: FLIGHT }, () => limiter.consume('after')))
    const refusedMs = performance.now() - opened
    server.resume()
    expect(decisions.map(({ source }) => source)).toEqual(decisions.map(() => sources[onStoreError]))
    expect(refused).toHaveLength(FLIGHT)
    console.log(
      `${onStoreError}: issued ${FLIGHT}, settled ${decisions.length}, longest ${longestMs.toFixed(1)} ms with a loop delay of ${lagMs.toFixed(1)} ms; ${FLIGHT} while open took ${refusedMs.toFixed(1)} ms`,
    )
    // The timer's own millisecond, and the turn in which 256 decisions are made; a timer that came late begins once more.
    expect(longestMs).toBeLessThan(2 * DEADLINE_MS + 2 * lagMs + 10)
    await vi.waitUntil(async () => (await limiter.consume('back')).source === 'store', WITHIN)
    expect(limiter.health()).toMatchObject({ store: 'reachable', breaker: 'closed' })
    await limiter.close()
  })

  it('an answer that lies in the socket when the deadline fires wins, however long the loop was blocked', async () => {
    const limiter = createLimiter({
      limit: '100/s',
      store: redisStore(client, { prefix: 'headgate:blocked' }),
      deadlineMs: 5,
    })
    await vi.waitUntil(async () => (await limiter.consume('alice')).source === 'store', WITHIN)
    for (let i = 0; i < 5; i++) {
      const asked = limiter.consume('alice')
      await new Promise((sent) => setImmediate(sent))
      const until = performance.now() + 40
      while (performance.now() < until);
      expect(await asked).toMatchObject({ source: 'store' })
    }
    expect(limiter.health()).toMatchObject({ breaker: 'closed', consecutiveFailures: 0 })
    await limiter.close()
  })

  it.each([1, BURST])(
    '5,000 decisions in one turn are all made by a healthy server, on so many keys: %i',
    async (keys) => {
      const limiter = createLimiter({
        limit: '100/min',
        store: redisStore(client, { prefix: `headgate:burst-${keys}` }),
        // The server shares its processors with all other tests; g09-overload has the same on a clock that stands still.
        deadlineMs: 1000,
      })
      await vi.waitUntil(async () => (await limiter.consume('warm')).source === 'store', WITHIN)
      const start = performance.now()
      // A machine that does much else may need longer than a second.
      const decisions = await Promise.all(
        Array.from({ length: BURST }, (_, i) => limiter.consume(`k${i % keys}`, { deadlineMs: 30_000 })),
      )
      console.log(`5,000 decisions on ${keys} keys in ${(performance.now() - start).toFixed(0)} ms`)
      const bySource = (source: Source): number => decisions.filter((one) => one.source === source).length
      expect(bySource('store') + bySource('deny-cache')).toBe(BURST)
      expect(decisions.filter(({ allowed }) => allowed)).toHaveLength(keys === 1 ? 100 : BURST)
      expect(limiter.health()).toMatchObject({ breaker: 'closed', consecutiveFailures: 0, overloads: 0 })
      await limiter.close()
    },
  )

  it('a process that was stalled before it could send blames nobody else', async () => {
    const limiter = createLimiter({
      limit: '100/s',
      store: redisStore(client, { prefix: 'headgate:stalled' }),
      deadlineMs: 5,
    })
    await vi.waitUntil(async () => (await limiter.consume('alice')).source === 'store', WITHIN)
    const asked = Array.from({ length: 20 }, () => limiter.consume('alice'))
    const until = performance.now() + 60
    while (performance.now() < until);
    await Promise.all(asked)
    expect(limiter.health()).toMatchObject({ breaker: 'closed', consecutiveFailures: 0, store: 'reachable' })
    await limiter.close()
  })
})

/** Measures the longest delay of the event loop until it is asked for it. */
function loopLag(): () => number {
  let last = performance.now()
  let worst = 0
  const measure = (): number => {
    const now = performance.now()
    worst = Math.max(worst, now - last - 1)
    last = now
    return worst
  }
  const timer = setInterval(measure, 1)
  return () => {
    clearInterval(timer)
    // A turn that is not over yet counts as well.
    return measure()
  }
}
