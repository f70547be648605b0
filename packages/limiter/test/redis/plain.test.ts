/** Edges of the way that most decisions take through the script, which random traffic seldom meets. */
import { Redis } from 'ioredis'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { budgetOf } from '../../src/core/budget.ts'
import { compileRule, type RuleOptions } from '../../src/core/rule.ts'
import { createLimiter } from '../../src/create-limiter.ts'
import { memoryStore } from '../../src/stores/memory/index.ts'
import { redisStore } from '../../src/stores/redis/index.ts'
import { manualClock } from '../../src/testing/manual-clock.ts'
import { RedisServer } from '../redis-server.ts'
import { clockedRedisStore } from '../redis-subject.ts'

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

/** A rule of each kind beside another one, and how many numbers stand before its own. */
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
const bad = [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 2 ** 54]

describe('state that is none', () => {
  it.each(kinds)('counts as fresh, whichever of its numbers is wrong: %s', async (_, rules, before) => {
    const store = clockedRedisStore(client, manualClock(), { prefix: 'headgate' })
    const limiter = createLimiter({ policies: [{ name: 'p', rules }], store })
    const fresh = await limiter.consume('key', { cost: 2 })
    const [key = ''] = await client.keys('*')
    const own = (await client.getBuffer(key)) as Buffer
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
})

describe('a rule that denies', () => {
  it('leaves alone what those before it hold, also where old debt had left no room', async () => {
    const clock = manualClock(1_800_000_000_000_000)
    const rule = (name: string, limit: string) => compileRule({ name, limit, segments: 4 }, 'rule')
    const budget = budgetOf('p', [rule('long', '60/3600s'), rule('short', '2/4s')])
    const stores = [memoryStore({ clock }), clockedRedisStore(client, clock, { prefix: 'headgate' })]
    const both = async (verb: 'consume' | 'charge', cost: number): Promise<unknown> => {
      const ask = { budget, key: 'key', cost }
      const [memory, redis] = await Promise.all(
        stores.map(async (store) => Array.from((await store.decide(verb, [ask])).numbers).slice(0, 6)),
      )
      expect(redis).toEqual(memory)
      return memory
    }
    const ceiling = Math.floor(2 ** 52 / 900_000_000)
    await both('charge', ceiling - 3)
    // Nearly all of the debt has left the window; three more are as much as is ever held.
    clock.advanceUs(4 * 900_000_000 + 899_999_990)
    await both('charge', 3)
    expect(await both('consume', 1)).toMatchObject({ 0: 0, 1: 56, 3: 3_666_677 })
    expect(await both('consume', 1)).toMatchObject({ 0: 0, 1: 56, 3: 3_666_677 })
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
