/** Values that are no state of ours, or no longer: whatever stands under a key, decisions are made and limits hold. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Limiter } from '../../src/core/limiter.ts'
import type { RuleOptions } from '../../src/core/rule.ts'
import { createLimiter } from '../../src/create-limiter.ts'
import type { RedisStore } from '../../src/stores/redis/index.ts'
import { type ManualClock, manualClock } from '../../src/testing/manual-clock.ts'
import { idleWindow } from '../oracle/custom.ts'
import { randomOf, seedOfRun } from '../parity/random.ts'
import { redisForTests } from '../redis-for-tests.ts'
import { clockedRedisStore } from '../redis-subject.ts'

const redis = redisForTests()

beforeAll(async () => {
  await redis.admin.config('SET', 'slowlog-log-slower-than', '1000000')
})

afterAll(async () => {
  // No script keeps the server busy, whatever it reads.
  expect(await redis.admin.call('SLOWLOG', 'LEN')).toBe(0)
})

beforeEach(async () => {
  await redis.admin.flushall()
})

/** A limiter on Redis, and the value of the one key it was asked for. */
class Bench {
  readonly store: RedisStore
  readonly limiter: Limiter
  readonly clock: ManualClock

  constructor(rules: readonly RuleOptions[], clock: ManualClock = manualClock(1_800_000_000_123_457)) {
    this.clock = clock
    this.store = clockedRedisStore(redis.client, clock, { prefix: 'headgate' })
    this.limiter = createLimiter({
      policies: [{ name: 'p', rules }],
      store: this.store,
      algorithms: [idleWindow],
    })
  }

  async value(): Promise<{ key: string; value: Buffer }> {
    const [key = '', ...more] = await redis.admin.keys('*')
    expect(more).toEqual([])
    return { key, value: (await redis.admin.getBuffer(key)) as Buffer }
  }

  /** Asks for one unit after another until one is denied; how many passed. */
  async admitted(most: number): Promise<number> {
    for (let count = 0; count <= most; count++) {
      const { allowed, source } = await this.limiter.consume('key')
      expect(source).toBe('store')
      if (!allowed) return count
    }
    return most + 1
  }
}

/** Rules of each kind; the last one of two is looked at while the first is spoilt. */
const kinds: readonly (readonly [string, readonly RuleOptions[]])[] = [
  ['a bucket', [{ algorithm: 'token-bucket', limit: '9/min' }]],
  ['a bucket of long quanta', [{ algorithm: 'token-bucket', limit: '9/52w' }]],
  ['a sliding window', [{ limit: '9/min', segments: 4 }]],
  ['a log', [{ algorithm: 'sliding-log', limit: '9/min' }]],
  ['a window from the first hit', [{ algorithm: 'fixed-window', limit: '9/min' }]],
  ['a window of the epoch', [{ algorithm: 'fixed-window', limit: '9/min', align: 'epoch' }]],
  ['a day', [{ algorithm: 'fixed-window', limit: '9/day', align: 'calendar' }]],
  ["a user's own", [{ algorithm: idleWindow.kind, limit: '9/min' }]],
  [
    'two rules',
    [
      { algorithm: 'token-bucket', limit: '9/min' },
      { limit: '9/h', segments: 4 },
    ],
  ],
  [
    'rules of one kind',
    [
      { limit: '9/min', segments: 4 },
      { limit: '9/h', segments: 4 },
    ],
  ],
]
const bad = [-1, 0.5, Number.MIN_VALUE, Number.NaN, Infinity, -Infinity, 2 ** 52 + 1, 2 ** 54, 1e300]

/** Four spends at instants of their own, so that a sliding window has entries. */
async function spent(rules: readonly RuleOptions[]): Promise<{ bench: Bench; key: string; value: Buffer }> {
  const bench = new Bench(rules)
  for (let i = 0; i < 4; i++) {
    await bench.limiter.consume('key')
    bench.clock.advanceUs(1_000_001)
  }
  return { bench, ...(await bench.value()) }
}

/** Lengths at which a value holds nothing but whole records. */
function wholes(value: Buffer): Set<number> {
  const lengths = new Set<number>()
  for (let end = 8; end < value.length; end += value.readDoubleLE(end)) lengths.add(end)
  return lengths
}

describe.each(kinds)('a value of %s', (_, rules) => {
  it('admits no more than the limit, whichever of its numbers is wrong', async () => {
    const { bench, key, value } = await spent(rules)
    for (let at = 0; at + 8 <= value.length; at += 8) {
      for (const number of bad) {
        const wrong = Buffer.from(value)
        wrong.writeDoubleLE(number, at)
        await redis.admin.set(key, wrong, 'KEEPTTL')
        expect(await bench.admitted(9), `${number} at ${at}`).toBeLessThanOrEqual(9)
      }
    }
  })

  it('admits no more than the limit, and gets its life again, wherever it is cut off', async () => {
    const { bench, key, value } = await spent(rules)
    for (let length = 0; length < value.length; length++) {
      const before = bench.store.stats().unrecognized
      await redis.admin.set(key, value.subarray(0, length), 'KEEPTTL')
      expect(await bench.admitted(9), `${length} bytes`).toBeLessThanOrEqual(9)
      expect(await redis.admin.pttl(key), `${length} bytes`).toBeGreaterThan(0)
      if (!wholes(value).has(length))
        expect(bench.store.stats().unrecognized, `${length} bytes`).toBeGreaterThan(before)
    }
  })
})

describe('a value with records of several rules', () => {
  it('loses only the one that is spoilt', async () => {
    const rules = ['9/min', '8/h', '7/day'].map((limit) => ({ limit, segments: 4 }))
    const { bench, key, value } = await spent(rules)
    const starts = [...wholes(value)]
    // The second number is the id, without which a record is another's.
    for (const [i, start] of starts.entries()) {
      for (const at of [2, 3, 4, 5, 6]) {
        const wrong = Buffer.from(value)
        wrong.writeDoubleLE(Number.NaN, start + 8 * at)
        await redis.admin.set(key, wrong, 'KEEPTTL')
        const { rules: views } = await bench.limiter.peek('key', { cost: 0 })
        const used = views.map(({ limit, remaining }) => limit - remaining).sort()
        expect(used, `number ${at} of record ${i}`).toEqual([0, 4, 4])
      }
    }
  })

  it('counts what is spoilt once, and is whole after the next spend', async () => {
    const { bench, key, value } = await spent([
      { limit: '9/min' },
      { algorithm: 'token-bucket', limit: '9/h' },
    ])
    value.writeDoubleLE(Number.NaN, 8 + 16)
    await redis.admin.set(key, value, 'KEEPTTL')
    for (let i = 0; i < 3; i++) await bench.limiter.consume('key')
    expect(bench.store.stats()).toEqual({ unrecognized: 1 })
  })

  it('stays as it is where another configuration spoils nothing', async () => {
    const { bench, value } = await spent([{ limit: '9/min' }])
    const other = new Bench([{ limit: '9/h' }], bench.clock)
    for (let i = 0; i < 3; i++) {
      await other.limiter.consume('key')
      await bench.limiter.consume('key')
    }
    expect((await bench.limiter.peek('key', { cost: 0 })).remaining).toBe(9 - 4 - 3)
    expect((await other.limiter.peek('key', { cost: 0 })).remaining).toBe(9 - 3)
    expect((await bench.value()).value.length).toBeGreaterThan(value.length)
    expect([bench, other].map(({ store }) => store.stats().unrecognized)).toEqual([0, 0])
  })
})

describe('bytes changed at random', () => {
  it('never let more pass than a fresh limit, and never fail a decision', async () => {
    const random = randomOf(seedOfRun('spoilt records'))
    for (let round = 0; round < 100; round++) {
      const [, rules] = random.pick(kinds)
      await redis.admin.flushall()
      const { bench, key, value } = await spent(rules)
      for (let i = 0; i < 20; i++) {
        await redis.admin.set(key, spoilt(value), 'KEEPTTL')
        bench.clock.set(bench.clock.now() + random.pick([0, 0, 1, 20_000_000, -20_000_000]))
        const costs = Array.from({ length: 6 }, () => random.pick([1, 1, 2, 9]))
        const decisions = await Promise.all(costs.map((cost) => bench.limiter.consume('key', { cost })))
        const units = decisions.reduce((sum, { allowed, cost }) => sum + (allowed ? cost : 0), 0)
        // What is wrong with an older entry is found when it leaves, and the window is fresh then.
        expect(units, value.toString('base64')).toBeLessThan(2 * 9)
        for (const { retryAfterMs } of decisions) expect(retryAfterMs ?? 0).toBeGreaterThanOrEqual(0)
        await bench.limiter.credit('key', 1)
      }
    }

    function spoilt(value: Buffer): Buffer {
      const wrong = Buffer.from(value)
      for (let n = random.between(1, 3); n > 0; n--) {
        const at = random.below(wrong.length)
        const roll = random.below(4)
        if (roll === 0) wrong[at] = random.below(256)
        else if (roll === 1)
          wrong.writeDoubleLE(random.pick([...bad, 1, 2, 1000]), (at - (at % 8)) % (wrong.length - 7))
        else if (roll === 2) wrong.copyWithin(at, random.below(wrong.length))
        else return Buffer.concat([wrong.subarray(0, at), wrong.subarray(random.below(wrong.length))])
      }
      return wrong
    }
  }, 30_000)
})

describe('what is no value of ours', () => {
  it.each([
    ['another type, a list', (key: string) => redis.admin.multi().del(key).rpush(key, 'a').exec()],
    ['another type, a hash', (key: string) => redis.admin.multi().del(key).hset(key, 'a', '1').exec()],
    ['a number', (key: string) => redis.admin.set(key, '5')],
    ['nothing', (key: string) => redis.admin.set(key, '')],
    ['a text', (key: string) => redis.admin.set(key, 'x'.repeat(10_000))],
    ['zeros', (key: string) => redis.admin.set(key, Buffer.alloc(1000))],
    ['much that looks like small records', (key: string) => redis.admin.set(key, smallRecords(1000))],
  ])('counts as fresh, and is replaced with the next spend: %s', async (_, put) => {
    const { bench, key } = await spent([{ limit: '9/min' }])
    await put(key)
    expect((await bench.limiter.consume('key')).remaining).toBe(8)
    expect((await bench.limiter.consume('key')).remaining).toBe(7)
    expect(await redis.admin.pttl(key)).toBeGreaterThan(0)
    expect((await redis.admin.getBuffer(key))?.length).toBeLessThan(300)
  })
})

/** Records of the least size, which never end. */
function smallRecords(count: number): Buffer {
  const record = Buffer.alloc(41)
  record.writeDoubleLE(41)
  record.writeDoubleLE(2 ** 52, 24)
  return Buffer.concat([Buffer.alloc(8), ...Array.from({ length: count }, () => record)])
}

describe('a key that lost its life', () => {
  it('gets one again when it is to live longer', async () => {
    const bench = new Bench([{ algorithm: 'token-bucket', limit: '10/min' }])
    await bench.limiter.consume('key')
    const { key } = await bench.value()
    expect(await redis.admin.persist(key)).toBe(1)
    bench.clock.advance('2h')
    await bench.limiter.consume('key')
    expect(await redis.admin.pttl(key)).toBeGreaterThan(0)
  })
})
