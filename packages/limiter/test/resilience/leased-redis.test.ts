import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { REMAINING } from '../../src/core/algorithm.ts'
import type { Budget } from '../../src/core/budget.ts'
import { createLimiter } from '../../src/create-limiter.ts'
import { defineAlgorithm } from '../../src/entries/custom.ts'
import { redisStore } from '../../src/entries/redis.ts'
import { admitDocumentedUser } from '../documented-user.ts'
import { until } from '../harness/until.ts'
import { RedisServer } from '../redis-server.ts'

let server: RedisServer
let url: string

beforeAll(async () => {
  server = await RedisServer.start()
  url = await admitDocumentedUser(server)
})
afterAll(async () => {
  await server?.stop()
})

describe('leases on Redis', () => {
  it('return what is left, and leave no mark of it for longer than it can come', async () => {
    const store = redisStore(url, { prefix: 'headgate:left' })
    await store.ping()
    const policies = [{ name: 'api', rules: ['10000/day'], lease: { max: 50, lifetime: '100ms' } }]
    const limiter = createLimiter({ store, policies, deadlineMs: 1000 })
    let leased = 0
    for (let i = 0; i < 50; i++) {
      if ((await limiter.consume('alice')).source === 'lease') leased++
      await sleep(1)
    }
    expect(leased).toBeGreaterThan(0)
    await until('all units that were not spent are back', async () => {
      return (await limiter.peek('alice', { cost: 0 })).remaining === 9950
    })
    const keys = (await server.command('KEYS', '*~r:*')) as string[]
    expect(keys.length).toBeGreaterThan(0)
    for (const key of keys) expect(await server.command('PTTL', key)).toBeLessThan(11_000)
    await limiter.close()
    await store.close()
  })

  it('are not acquired under an algorithm that the store does not know, which is wrong use and not a fault', async () => {
    const store = redisStore(url, { prefix: 'headgate:custom' })
    await store.ping()
    const never = { state: [0], wait: 0, remaining: 1, reset: 0 }
    const algorithms = [defineAlgorithm({ name: 'memory-only', words: 1, step: () => never })]
    const rules = [{ algorithm: 'memory-only', limit: '10/s' }]
    const policies = [{ name: 'api', rules, lease: { max: 50 } }]
    const limiter = createLimiter({ store, algorithms, policies, deadlineMs: 1000 })
    for (let i = 0; i < 12; i++) {
      await expect(limiter.consume('alice')).rejects.toMatchObject({ code: 'invalid-rule' })
    }
    expect(limiter.health()).toMatchObject({ breaker: 'closed', consecutiveFailures: 0 })
    await limiter.close()
    await store.close()
  })

  it('acquire in the order of what was asked, before a reset that follows', async () => {
    const store = redisStore(url, { prefix: 'headgate:order' })
    await store.ping()
    const limiter = createLimiter({
      store,
      policies: [{ name: 'api', rules: ['100/day'] }],
      deadlineMs: 1000,
    })
    await limiter.consume('alice')
    let budget: Budget | undefined
    const decide = store.decide.bind(store)
    store.decide = (verb, requests, options) => {
      budget = requests[0]?.budget
      return decide(verb, requests, options)
    }
    await limiter.peek('alice')
    if (budget === undefined) throw new Error('nothing was asked')
    const request = { budget, key: 'bob', cost: 10 }
    const acquires = Array.from({ length: 200 }, async () => store.acquire(request, 1))
    await store.reset([request])
    await Promise.all(acquires)
    const { numbers } = await decide('peek', [{ ...request, cost: 0 }])
    expect(numbers[REMAINING]).toBe(100)
    await limiter.close()
    await store.close()
  })
})
