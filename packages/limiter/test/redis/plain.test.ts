/** Edges of the way that most decisions take through the script, which random traffic seldom meets. */
import { Redis } from 'ioredis'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { shortened } from '../../../../scripts/lua-source.ts'
import { defineAlgorithm } from '../../src/core/algorithms/custom.ts'
import { budgetOf } from '../../src/core/budget.ts'
import { compileRule, type Rule, type RuleOptions } from '../../src/core/rule.ts'
import type { Ask, Store, Verb } from '../../src/core/store.ts'
import { createLimiter } from '../../src/create-limiter.ts'
import { memoryStore } from '../../src/stores/memory/index.ts'
import { redisStore } from '../../src/stores/redis/index.ts'
import { type ManualClock, manualClock } from '../../src/testing/manual-clock.ts'
import { RedisServer } from '../redis-server.ts'
import { clockedRedisStore } from '../redis-subject.ts'

/** Where segments of 900 s begin. */
const START_US = 1_800_000_000_000_000

let server: RedisServer
let client: Redis

beforeAll(async () => {
  server = await RedisServer.start()
  client = new Redis(server.url)
})

afterAll(async () => {
  client?.disconnect()
  await server?.stop()
})

beforeEach(async () => {
  await client.flushall()
})

function clocked(clock: ManualClock): Store {
  return clockedRedisStore(client, clock, { prefix: 'headgate' })
}

/** What the only key of the server holds. */
async function stored(): Promise<{ key: string; value: Buffer }> {
  const [key = '', ...more] = await client.keys('*')
  expect(more).toEqual([])
  return { key, value: (await client.getBuffer(key)) as Buffer }
}

/** The same on a store in memory and on Redis, each with a clock of its own: the answer of both. */
async function alike<T>(ask: (store: Store, clock: ManualClock) => Promise<T>): Promise<T> {
  const [first, second] = [manualClock(START_US), manualClock(START_US)]
  const memory = await ask(memoryStore({ clock: first }), first)
  expect(await ask(clocked(second), second)).toEqual(memory)
  return memory
}

/** Rules of each kind, and how many numbers stand before those to be spoilt. */
const kinds: readonly (readonly [string, readonly RuleOptions[], number])[] = [
  [
    'exact buckets',
    [
      { algorithm: 'token-bucket', limit: '9/min' },
      { algorithm: 'gcra', limit: '90/h' },
    ],
    0,
  ],
  ['a bucket of long quanta', [{ algorithm: 'token-bucket', limit: '1/52w', burst: 100 }], 0],
  ['a sliding window', [{ limit: '9/min' }], 0],
  ['a sliding window behind another', [{ limit: '9/min', segments: 2 }, { limit: '90/h' }], 4],
  ['a window from the first hit', [{ algorithm: 'fixed-window', limit: '9/min' }], 0],
  ['a window of the epoch', [{ algorithm: 'fixed-window', limit: '9/min', align: 'epoch' }], 0],
]
const bad = [
  -1,
  0.5,
  Number.MIN_VALUE,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  2 ** 54,
]

describe('state that is none', () => {
  it.each(kinds)('counts as fresh, whichever of its numbers is wrong: %s', async (_, rules, before) => {
    const limiter = createLimiter({ policies: [{ name: 'p', rules }], store: clocked(manualClock()) })
    const fresh = await limiter.consume('key', { cost: 2 })
    const { key, value: own } = await stored()
    const from = own.indexOf('\n\n') + 2 + 8 * before
    // The last one says when the key expires.
    for (let at = from; at < own.length - 8; at += 8) {
      for (const number of bad) {
        const wrong = Buffer.from(own)
        wrong.writeDoubleLE(number, at)
        await client.set(key, wrong)
        const decision = await limiter.consume('key', { cost: 2 })
        expect(decision.rules, `${number} at ${at}`).toEqual(fresh.rules)
      }
    }
  })

  it.each([1, 3, 9])(
    'counts as fresh, also where what is wrong has left the window: %i segments later',
    async (n) => {
      const clock = manualClock()
      const limiter = createLimiter({ limit: '9/4s', segments: 4, store: clocked(clock) })
      await limiter.consume('key', { cost: 4 })
      const { key, value: own } = await stored()
      clock.advance(`${n}s`)
      const fresh = await limiter.consume('another', { cost: 2 })
      for (const at of [2, 3, 4, 5, 6]) {
        const wrong = Buffer.from(own)
        wrong.writeDoubleLE(Number.NaN, own.length - 8 * at)
        await client.set(key, wrong)
        expect((await limiter.consume('key', { cost: 2 })).rules).toEqual(fresh.rules)
      }
    },
  )

  it.each([
    ['1/s', 1, [6, 0, 0, 0, 2 ** 45]],
    ['1/s', 1, [6, 0, 0, 0, 2 ** 51]],
    ['9/1024ms', 9, [0, 2 ** 53 - 1, 2 ** 53 - 4, 2 ** 53 - 1, 0]],
  ] as const)(
    'keeps no script busy, though it is more than a window of %s ever holds',
    async (limit, cost, counts) => {
      const store = clocked(manualClock(1_800_000_000_123_457))
      const limiter = createLimiter({ limit, segments: 4, store })
      await limiter.consume('key')
      const { key, value: own } = await stored()
      counts.forEach((count, i) => {
        own.writeDoubleLE(count, own.length - 8 * (6 - i))
      })
      await client.set(key, own)
      expect(await limiter.consume('key', { cost })).toMatchObject({ allowed: false })
    },
  )
})

describe('more than a bucket ever holds', () => {
  it('is a denial, and one that can be read', async () => {
    const rules: RuleOptions[] = [
      { algorithm: 'token-bucket', limit: '9/min' },
      { algorithm: 'token-bucket', limit: '90/h' },
    ]
    const limiter = createLimiter({ policies: [{ name: 'p', rules }], store: clocked(manualClock()) })
    await limiter.consume('key')
    const { key, value: own } = await stored()
    own.writeDoubleLE(Number.MAX_SAFE_INTEGER, own.length - 40)
    await client.set(key, own)
    expect(await limiter.consume('key')).toMatchObject({ allowed: false, rule: '1m', source: 'store' })
  })
})

describe('Lua of a custom algorithm', () => {
  it('finds no name of ours', async () => {
    // Returns zeros, and reads what `now` is called in the scripts that are sent.
    const lua = `function(terms, state) return { 0 }, 0 * ${shortened('now')}, 0, 0 end`
    const nosy = defineAlgorithm({ name: 'nosy', words: 1, lua })
    const store = redisStore(client, { algorithms: [nosy] })
    const limiter = createLimiter({ algorithms: [nosy], algorithm: 'nosy', limit: '9/min', store })
    await expect(limiter.consume('key')).rejects.toThrow('nonexistent global variable')
  })
})

describe('one key under two plans in one call', () => {
  it('is judged by each, also where all decisions are of one shape', async () => {
    const rule = (limit: string): Rule => compileRule({ algorithm: 'token-bucket', limit }, 'rule')
    const budgets = (p: string, q: string): Ask[] => [
      { budget: budgetOf('p', [rule(p)]), key: 'k', cost: 3 },
      { budget: budgetOf('q', [rule(q)]), key: 'k', cost: 3 },
    ]
    const [one, two] = [budgets('5/min', '500/min'), budgets('500/min', '5/min').reverse()]
    // So many that each call has several.
    const all = Array.from({ length: 32 }, (_, i) => (i % 2 === 0 ? one : two))
    await alike(async (store) => {
      const decided = await Promise.all(all.map((asks) => store.decide('consume', asks)))
      return decided.map(({ numbers }) => Array.from(numbers).slice(0, 6))
    })
  })
})

describe('a window of the epoch that began with it', () => {
  const epoch: RuleOptions = { algorithm: 'fixed-window', align: 'epoch', limit: '2/100y' }

  it.each([
    ['', [epoch]],
    // A log is judged in the general way.
    ['beside a log', [epoch, { algorithm: 'sliding-log', limit: '9/min' }]],
  ])('is one like the others %s', async (_, rules) => {
    const decided = await alike(async (store) => {
      const limiter = createLimiter({ policies: [{ name: 'p', rules }], store })
      const decisions = [await limiter.consume('k'), await limiter.consume('k'), await limiter.consume('k')]
      return decisions.map(({ allowed, resetAfterMs }) => ({ allowed, resetAfterMs }))
    })
    expect(decided.map(({ allowed }) => allowed)).toEqual([true, true, false])
  })
})

describe('a rule that denies', () => {
  it('leaves alone what those before it hold, also where old debt had left no room', async () => {
    const rule = (name: string, limit: string): Rule => compileRule({ name, limit, segments: 4 }, 'rule')
    const budget = budgetOf('p', [rule('long', '60/3600s'), rule('short', '2/4s')])
    const ceiling = Math.floor(2 ** 52 / 900_000_000)
    const denials = await alike(async (store, clock) => {
      const ask = async (verb: Verb, cost: number): Promise<readonly number[]> =>
        Array.from((await store.decide(verb, [{ budget, key: 'key', cost }])).numbers).slice(0, 6)
      await ask('charge', ceiling - 3)
      // Nearly all of the debt has left the window; three more are as much as is ever held.
      clock.advanceUs(4 * 900_000_000 + 899_999_990)
      await ask('charge', 3)
      return [await ask('consume', 1), await ask('consume', 1)]
    })
    for (const denial of denials) expect(denial).toMatchObject({ 0: 0, 1: 56, 3: 3_666_677 })
  })
})

describe('as many rules and segments as a policy can have', () => {
  it('fit on the stack of a script', async () => {
    const rules = Array.from({ length: 32 }, (_, i) => ({ limit: `${9 + i}/h`, segments: 60, name: `r${i}` }))
    const limiter = createLimiter({ policies: [{ name: 'p', rules }], store: redisStore(client) })
    expect(await limiter.consume('key')).toMatchObject({ allowed: true, remaining: 8 })
    expect(await limiter.consume('key', { cost: 8 })).toMatchObject({ allowed: true, remaining: 0 })
    expect(await limiter.consume('key')).toMatchObject({ allowed: false, rule: 'r0' })
  })
})

describe('a key that many decisions of one call spend on', () => {
  it('is written once a call', async () => {
    const store = redisStore(client)
    const limiter = createLimiter({ limit: '1000/h', store })
    await limiter.consume('hot')
    await client.config('RESETSTAT')
    await Promise.all(Array.from({ length: 200 }, () => limiter.consume('hot')))
    const stats = await client.info('commandstats')
    const calls = (name: string): number =>
      Number(new RegExp(`cmdstat_${name}:calls=(\\d+)`).exec(stats)?.[1] ?? 0)
    expect(calls('evalsha')).toBeLessThan(100)
    expect(calls('set') + calls('setrange')).toBeLessThanOrEqual(calls('evalsha'))
    expect(await limiter.peek('hot')).toMatchObject({ remaining: 798 })
    await limiter.close()
  })
})
