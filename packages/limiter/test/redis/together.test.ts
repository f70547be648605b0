/** Decisions that travel in one script call are decided one after another, as if each had come alone. */
import { beforeEach, describe, expect, it } from 'vitest'
import { VERDICT_SIZE, WAIT } from '../../src/core/algorithm.ts'
import { type Budget, budgetOf } from '../../src/core/budget.ts'
import { compileRule, type RuleOptions } from '../../src/core/rule.ts'
import { ruleReceiptOf } from '../../src/core/rule-receipt.ts'
import type { Store, Verdicts } from '../../src/core/store.ts'
import { createLimiter } from '../../src/create-limiter.ts'
import { memoryStore } from '../../src/stores/memory/index.ts'
import { redisStore } from '../../src/stores/redis/index.ts'
import { type ManualClock, manualClock } from '../../src/testing/manual-clock.ts'
import { redisForTests } from '../redis-for-tests.ts'
import { clockedRedisStore } from '../redis-subject.ts'

const redis = redisForTests()

beforeEach(async () => {
  await redis.admin.flushall()
})

/** The same on a store in memory and on Redis, each with a clock of its own: the answer of both. */
async function alike<T>(ask: (store: Store, clock: ManualClock) => Promise<T>): Promise<T> {
  const [first, second] = [manualClock(), manualClock()]
  const memory = await ask(memoryStore({ clock: first }), first)
  expect(await ask(clockedRedisStore(redis.client, second, { prefix: 'headgate' }), second)).toEqual(memory)
  return memory
}

function budget(policy: string, ...rules: readonly RuleOptions[]): Budget {
  return budgetOf(
    policy,
    rules.map((rule) => compileRule(rule, 'rule')),
  )
}

/** Waits, remaining and resets of so many rules. */
function standings({ numbers }: Verdicts, rules: number): number[] {
  return Array.from(numbers)
    .slice(0, rules * VERDICT_SIZE)
    .filter((_, i) => i % VERDICT_SIZE < 3)
}

describe('decisions of one call', () => {
  it('are judged each by its own rules, where these take turns on one key', async () => {
    const rule = (limit: string): RuleOptions => ({ algorithm: 'token-bucket', limit })
    const [one, two] = [budget('p', rule('5/min')), budget('p', rule('500/min'))]
    await alike(async (store) => {
      const asked = Array.from({ length: 32 }, (_, i) => ({
        budget: i % 2 === 0 ? one : two,
        key: 'k',
        cost: 1,
      }))
      const decided = await Promise.all(asked.map((request) => store.decide('consume', [request])))
      return decided.map((verdicts) => standings(verdicts, 1))
    })
  })

  it('are judged request by request, in whatever order these are asked', async () => {
    const [one, two] = [
      budget('p', { limit: '5/min' }),
      budget('q', { algorithm: 'token-bucket', limit: '9/min' }),
    ]
    const orders = [
      [
        { budget: one, key: 'a', cost: 1 },
        { budget: two, key: 'b', cost: 2 },
      ],
      [
        { budget: two, key: 'b', cost: 3 },
        { budget: one, key: 'c', cost: 1 },
      ],
      [
        { budget: one, key: 'c', cost: 2 },
        { budget: one, key: 'a', cost: 1 },
      ],
      [
        { budget: one, key: 'a', cost: 1 },
        { budget: one, key: 'c', cost: 2 },
      ],
    ]
    await alike(async (store) => {
      const decided = await Promise.all(
        [...orders, ...orders].map((requests) => store.decide('consume', requests)),
      )
      return decided.map((verdicts) => standings(verdicts, 2))
    })
  })

  it.each(['token-bucket', 'sliding-window', 'fixed-window', 'sliding-log'])(
    'begin a record of its own after everything was given back: %s',
    async (algorithm) => {
      const own = budget('p', { algorithm, limit: '5/min' })
      const request = { budget: own, key: 'k', cost: 3 }
      await alike(async (store, clock) => {
        const [{ now, numbers }, credit] = await Promise.all([
          store.decide('consume', [request]),
          store.decide('credit', [request]),
          store.decide('consume', [request]),
        ])
        expect(credit.numbers[WAIT]).toBe(3)
        const rules = [ruleReceiptOf(numbers, 0, now)]
        clock.advanceUs(1)
        // Those three units are of the second spend.
        expect(await store.refund([{ budget: own, key: 'k', cost: 3, id: 'x1', rules }])).toEqual([0])
        return standings(await store.decide('peek', [{ ...request, cost: 0 }]), 1)
      })
    },
  )

  it('write a key once, however many spend on it', async () => {
    const limiter = createLimiter({ limit: '1000/h', store: redisStore(redis.client) })
    await limiter.consume('hot')
    await redis.admin.config('RESETSTAT')
    await Promise.all(Array.from({ length: 200 }, () => limiter.consume('hot')))
    const stats = await redis.admin.info('commandstats')
    const calls = (name: string): number =>
      Number(new RegExp(`cmdstat_${name}:calls=(\\d+)`).exec(stats)?.[1] ?? 0)
    expect(calls('evalsha')).toBeLessThan(50)
    expect(calls('set') + calls('setrange')).toBeLessThanOrEqual(calls('evalsha'))
    expect(await limiter.peek('hot', { cost: 0 })).toMatchObject({ remaining: 799 })
    await limiter.close()
  })
})

describe('a window of the epoch that began with it', () => {
  it('is one like the others', async () => {
    const own = budget('p', { algorithm: 'fixed-window', align: 'epoch', limit: '2/100y' })
    const request = { budget: own, key: 'k', cost: 1 }
    const waits = await alike(async (store) => {
      const decided = [1, 2, 3].map(() => store.decide('consume', [request]))
      return (await Promise.all(decided)).map(({ numbers }) => numbers[WAIT] === 0)
    })
    expect(waits).toEqual([true, true, false])
  })
})
