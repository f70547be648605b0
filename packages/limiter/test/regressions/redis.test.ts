/** Flaws that earlier systems had on Redis: facts/predecessors.md, and facts/users.md section 3. */
import { beforeEach, describe, expect, it } from 'vitest'
import type { Limiter } from '../../src/core/limiter.ts'
import type { Receipt } from '../../src/core/receipt.ts'
import { createLimiter } from '../../src/create-limiter.ts'
import { redisStore } from '../../src/stores/redis/index.ts'
import { manualClock } from '../../src/testing/manual-clock.ts'
import { redisForTests } from '../redis-for-tests.ts'
import { clockedRedisStore } from '../redis-subject.ts'

const redis = redisForTests()

beforeEach(async () => {
  await redis.admin.flushall()
})

const algorithms = ['token-bucket', 'fixed-window', 'sliding-window', 'sliding-log']

function limiterOf(algorithm: string, limit: string): Limiter {
  return createLimiter({ algorithm, limit, store: redisStore(redis.client) })
}

async function onlyKey(): Promise<string> {
  const [key = '', ...more] = await redis.admin.keys('*')
  expect(more).toEqual([])
  return key
}

describe('keys of ours in Redis', () => {
  it.each(algorithms)('live little longer than their state: %s (users #3)', async (algorithm) => {
    await limiterOf(algorithm, '1/500ms').consume('key')
    const life = await redis.admin.pttl(await onlyKey())
    expect(life).toBeGreaterThan(0)
    // Half again as long, so that most spends leave the expiry alone.
    expect(life).toBeLessThanOrEqual(751)
  })

  it.each(algorithms)('live as long as their state: %s of a day (G4 of Guardian)', async (algorithm) => {
    await limiterOf(algorithm, '10/day').consume('key', { cost: 10 })
    expect(await redis.admin.pttl(await onlyKey())).toBeGreaterThan(86_300_000)
  })

  it.each(algorithms)(
    'get a TTL with every cost, also a first one above 1: %s (users #17)',
    async (algorithm) => {
      const limiter = limiterOf(algorithm, '10/min')
      for (const cost of [3, 2, 1]) {
        await limiter.consume('key', { cost })
        expect(await redis.admin.pttl(await onlyKey())).toBeGreaterThan(0)
      }
    },
  )

  it.each(algorithms)('heal when they were to expire: %s (P7, users #15)', async (algorithm) => {
    const clock = manualClock()
    const store = clockedRedisStore(redis.client, clock, { prefix: 'headgate:heal' })
    const limiter = createLimiter({ algorithm, limit: '10/min', store })
    await limiter.consume('key')
    const key = await onlyKey()
    expect(await redis.admin.persist(key)).toBe(1)
    // When the key was to expire, a spend sets its TTL at the latest.
    clock.advance('2h')
    await limiter.consume('key')
    expect(await redis.admin.pttl(key)).toBeGreaterThan(0)
  })

  it('do not appear by peeks, denials, refunds and resets (users #9)', async () => {
    const limiter = limiterOf('fixed-window', '3/min')
    await limiter.peek('key')
    await limiter.consume('key', { cost: 4 })
    await limiter.consume('key', { cost: 0 })
    expect(await redis.admin.keys('*')).toEqual([])
    const { receipt } = await limiter.consume('key')
    await limiter.reset('key')
    await limiter.refund(receipt as Receipt)
    const left = await redis.admin.keys('*')
    for (const key of left) expect(await redis.admin.pttl(key)).toBeGreaterThan(0)
    expect((await limiter.peek('key', { cost: 0 })).remaining).toBe(3)
  })

  it('are bounded in length and carry a hash tag of their own (E12)', async () => {
    const limiter = limiterOf('gcra', '10/min')
    const principals = ['x'.repeat(100_000), 'é'.repeat(1000), '{a}', 'a}{b', '}']
    for (const principal of principals) await limiter.consume(principal)
    const keys = await redis.admin.keys('*')
    expect(keys.length).toBe(principals.length)
    for (const key of keys) {
      expect(Buffer.byteLength(key)).toBeLessThan(300)
      expect(key).toMatch(/^[^{}]+\{[^{}]+\}$/)
    }
  })
})

describe('what stands under our key and is not ours', () => {
  const foreign: readonly (readonly [string, (key: string) => Promise<unknown>])[] = [
    ['a list', async (key) => [await redis.admin.del(key), await redis.admin.rpush(key, 'a')]],
    ['a hash', async (key) => [await redis.admin.del(key), await redis.admin.hset(key, 'a', '1')]],
    ['a number', (key) => redis.admin.set(key, '5')],
    ['nothing', (key) => redis.admin.set(key, '')],
    [
      'half of our state',
      async (key) => redis.admin.set(key, (await redis.admin.getBuffer(key))?.subarray(0, -11) ?? ''),
    ],
    ['our head and NaN', (key) => redis.admin.set(key, Buffer.alloc(99, 0xff))],
    ['another format', (key) => redis.admin.set(key, 'H1\n1m bucket 2 1 2 3\n\n0123456789abcdef')],
  ]

  it.each(foreign)('is counted as fresh, once, and replaced: %s (P8, hazards I-25)', async (_, put) => {
    const store = redisStore(redis.client)
    const limiter = createLimiter({ algorithm: 'token-bucket', limit: '3/min', store })
    await limiter.consume('key', { cost: 3 })
    const key = await onlyKey()
    await put(key)
    expect(await limiter.consume('key')).toMatchObject({ allowed: true, remaining: 2 })
    expect(await limiter.consume('key')).toMatchObject({ allowed: true, remaining: 1 })
    expect(await redis.admin.pttl(key)).toBeGreaterThan(0)
  })

  it.each([1, 2])('is a denial where it is more than any bucket holds, in a call of %s', async (count) => {
    // At the very microsecond of the state: nothing of it has drained.
    const store = clockedRedisStore(redis.client, manualClock(), { prefix: 'headgate' })
    const limiter = createLimiter({ algorithm: 'token-bucket', limit: '3/min', store })
    await limiter.consume('key')
    const key = await onlyKey()
    const own = (await redis.admin.getBuffer(key)) as Buffer
    // Behind when the key expires and the front of a record: size, id, incarnation, end and last spend.
    own.writeDoubleLE(2 ** 52, 48)
    await redis.admin.set(key, own)
    const decisions = await Promise.all(Array.from({ length: count }, () => limiter.consume('key')))
    for (const decision of decisions) expect(decision).toMatchObject({ allowed: false, source: 'store' })
  })
})

describe('a decision in Redis', () => {
  it('is one round trip for several rules and policies (P13)', async () => {
    const policies = [{ name: 'a', rules: ['10/s', '100/min', '1000/day'] }]
    const limiter = createLimiter({ policies, store: redisStore(redis.client) })
    await limiter.consume('key')
    await redis.admin.config('RESETSTAT')
    for (let i = 0; i < 5; i++) await limiter.consume('key')
    const stats = await redis.admin.info('commandstats')
    expect(stats).toMatch(/cmdstat_evalsha:calls=5,/)
    expect(stats).not.toMatch(/cmdstat_eval:/)
  })

  it('is judged by the clock of the redis.server, whatever the caller thinks the time is (E4)', async () => {
    const limiter = limiterOf('token-bucket', '3/min')
    const { now } = Date
    try {
      for (const hours of [0, -1, 1, 24]) {
        Date.now = () => now() + hours * 3_600_000
        expect((await limiter.consume('key')).allowed).toBe(hours !== 24)
      }
    } finally {
      Date.now = now
    }
  })

  it('of a calendar is right although the clock of the caller is days away', async () => {
    const limiter = createLimiter({
      algorithm: 'fixed-window',
      align: 'calendar',
      limit: '2/day',
      store: redisStore(redis.client),
    })
    const { now } = Date
    try {
      for (const days of [0, -40, 40]) {
        Date.now = () => now() + days * 86_400_000
        const decision = await limiter.consume('key')
        expect([days, decision.allowed]).toEqual([days, days !== 40])
        expect(decision.resetAfterMs).toBeLessThanOrEqual(86_400_000)
      }
    } finally {
      Date.now = now
    }
  })

  it('survives a redis.server that forgot its scripts', async () => {
    const limiter = limiterOf('sliding-window', '3/min')
    await limiter.consume('key')
    await redis.admin.script('FLUSH')
    expect(await limiter.consume('key')).toMatchObject({ allowed: true, remaining: 1 })
  })

  it('of thirty callers at once admits no more than the limit (users §1 no. 26)', async () => {
    const limiter = limiterOf('sliding-window', '10/min')
    const decisions = await Promise.all(Array.from({ length: 30 }, () => limiter.consume('key')))
    expect(decisions.filter(({ allowed }) => allowed).length).toBe(10)
  })
})
