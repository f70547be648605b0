/** Hashed keys change where budgets stand, and nothing that is decided; what stands in a server names nobody. */
import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import type { Decision } from '../../src/core/decision.ts'
import type { Limiter } from '../../src/core/limiter.ts'
import type { PolicyOptions } from '../../src/core/policy-options.ts'
import type { Receipt } from '../../src/core/receipt.ts'
import type { Store } from '../../src/core/store.ts'
import { createLimiter } from '../../src/create-limiter.ts'
import { memoryStore } from '../../src/stores/memory/index.ts'
import { type ManualClock, manualClock } from '../../src/testing/manual-clock.ts'
import { until } from '../harness/until.ts'
import { redisForTests } from '../redis-for-tests.ts'
import { clockedRedisStore } from '../redis-subject.ts'

const hashKeys = { secret: 'a secret of a test, 32 bytes long' }
const START_US = 1_800_000_000_123_457

const policies: PolicyOptions[] = [
  { name: 'all', key: 'global', rules: ['40/min'] },
  { name: 'user', key: 'user', rules: [{ limit: '6/min', burst: 4 }, '9/h'], ban: ['10s', '1m'] },
  { name: 'pair', match: { user: ['al~ice', 'b{o}b'] }, key: ['user', 'ip'], rules: ['3/min'] },
  { name: 'seen', key: 'ip', mode: 'shadow', rules: [{ algorithm: 'fixed-window', limit: '2/min' }] },
]

const who = fc.record(
  {
    user: fc.constantFrom('al~ice', 'b{o}b', '\ud800', '~h', 'x'.repeat(300)),
    ip: fc.constantFrom('192.0.2.77', '2001:db8:77::1', '2001:db8:77::2'),
  },
  { requiredKeys: ['ip'] },
)
const step = fc.record({
  who,
  verb: fc.constantFrom(
    'consume',
    'consume',
    'peek',
    'charge',
    'credit',
    'reserve',
    'refund',
    'reset',
    'block',
  ),
  cost: fc.integer({ min: 0, max: 3 }),
  advanceMs: fc.constantFrom(0, 0, 1000, 20_000),
})
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never

/** Does what the steps say, and returns all that was answered, but for whom receipts name. */
async function answers(limiter: Limiter, clock: ManualClock, steps: readonly Step[]): Promise<unknown[]> {
  const receipts: Receipt[] = []
  const said = ({ receipt, ...decision }: Decision): unknown => {
    if (receipt !== null) receipts.push(receipt)
    return {
      ...decision,
      receipt: receipt && [receipt, ...receipt.others].map(({ origin }) => origin.policy),
    }
  }
  const answered: unknown[] = []
  for (const { who: asking, verb, cost, advanceMs } of steps) {
    clock.advance(advanceMs)
    if (verb === 'consume' || verb === 'peek') answered.push(said(await limiter[verb](asking, { cost })))
    else if (verb === 'charge' || verb === 'credit') answered.push(said(await limiter[verb](asking, cost)))
    else if (verb === 'reset') answered.push(await limiter.reset(asking))
    else if (verb === 'block') answered.push(await limiter.block(asking, '5s', { policy: 'user' }))
    else if (verb === 'refund')
      answered.push(receipts.length > 0 && (await limiter.refund(receipts.pop() as Receipt)))
    else {
      const handle = (await limiter.reserve(asking, { cost })).handle()
      if (handle !== null) answered.push(await limiter.resume(JSON.parse(JSON.stringify(handle))).settle(1))
    }
  }
  return answered
}

/** Whether the same is answered with hashed keys and without, each on a store of its own. */
async function expectSame(
  steps: readonly Step[],
  storeOf: (clock: ManualClock, prefix: string) => Store,
): Promise<void> {
  const [plain, hashed] = await Promise.all(
    [{}, { hashKeys }].map(async (options, i) => {
      const clock = manualClock(START_US)
      const store = storeOf(clock, i === 0 ? 'headgate:p' : 'headgate:h')
      const limiter = createLimiter({ policies, store, clock, ...options })
      const answered = await answers(limiter, clock, steps)
      await limiter.close()
      return answered
    }),
  )
  expect(hashed).toEqual(plain)
}

describe('hashed keys', () => {
  it('change no answer on a store in memory', async () => {
    const steps = fc.array(step, { maxLength: 40 })
    const property = fc.asyncProperty(steps, (all) => expectSame(all, (clock) => memoryStore({ clock })))
    await fc.assert(property, { numRuns: 60 })
  })

  describe('on Redis', () => {
    const redis = redisForTests()

    beforeEach(async () => {
      await redis.admin.flushall()
    })

    it('change no answer', async () => {
      const steps = fc.array(step, { minLength: 20, maxLength: 40 })
      const property = fc.asyncProperty(steps, async (all) => {
        await redis.admin.flushall()
        await expectSame(all, (clock, prefix) => clockedRedisStore(redis.client, clock, { prefix }))
      })
      await fc.assert(property, { numRuns: 8 })
    })

    it('leave nothing there that names anybody', async () => {
      const clock = manualClock(START_US)
      const store = clockedRedisStore(redis.client, clock, { prefix: 'headgate:h' })
      const limiter = createLimiter({ policies, store, clock, hashKeys })
      const stored: string[] = []
      const seen: string[] = []
      const monitor = await redis.admin.monitor()
      monitor.on('monitor', (_time: string, args: string[]) => seen.push(args.join(' ')))
      const steps = fc.sample(step, { numRuns: 60, seed: 7 })
      await answers(limiter, clock, steps)
      for (const key of await redis.admin.keys('*')) {
        stored.push(key, ((await redis.admin.dumpBuffer(key)) as Buffer).toString('latin1'))
      }
      await limiter.close()
      await redis.admin.echo('the end')
      await until('all commands are told', async () => seen.at(-1) === 'echo the end')
      monitor.disconnect()
      for (const texts of [stored, seen]) expect(texts.join('\n')).toContain('headgate:h:{user:~h')
      expect([...stored, ...seen].join('\n')).not.toMatch(/al~ice|b\{o|o\}b|b%7bo|xxxx|192\.0\.2|2001:db8/)
    })
  })
})
