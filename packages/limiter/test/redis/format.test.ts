/** State that another version of this package wrote: what is deployed must be able to read what is stored. */
import { describe, expect, it } from 'vitest'
import { createLimiter } from '../../src/create-limiter.ts'
import { manualClock } from '../../src/testing/manual-clock.ts'
import { frozenStandings, frozenValues, NOW_US } from '../fixtures/values.ts'
import { redisForTests } from '../redis-for-tests.ts'
import { clockedRedisStore } from '../redis-subject.ts'

const redis = redisForTests()

describe('a value of the format that is frozen', () => {
  it.each(frozenValues)('is read: $name', async ({ rules, value, remaining, resetAfterMs }) => {
    await redis.admin.set('headgate:{p:key}', Buffer.from(value, 'base64'))
    const store = clockedRedisStore(redis.client, manualClock(NOW_US), { prefix: 'headgate' })
    const limiter = createLimiter({ policies: [{ name: 'p', rules }], store })
    const { rules: views } = await limiter.peek('key', { cost: 0 })
    expect(views.map((view) => view.remaining)).toEqual(remaining)
    expect(views.map((view) => view.resetAfterMs)).toEqual(resetAfterMs)
    await limiter.consume('key')
    const after = await limiter.peek('key', { cost: 0 })
    expect(after.rules.map((view) => view.remaining)).toEqual(remaining.map((units) => units - 1))
    expect(store.stats()).toEqual({ unrecognized: 0 })
  })

  it.each(frozenStandings)('is read, and ends when it said: $name', async ({ value, retryAfterMs }) => {
    await redis.admin.set('headgate:{p:key}', Buffer.from(value, 'base64'))
    const clock = manualClock(NOW_US)
    const store = clockedRedisStore(redis.client, clock, { prefix: 'headgate' })
    const policies = [{ name: 'p', rules: [{ name: 'r', limit: '3/min' }], ban: ['10m', '1h'] }]
    const limiter = createLimiter({ policies, store })
    expect(await limiter.peek('key')).toMatchObject({ allowed: false, reason: 'blocked', retryAfterMs })
    clock.set(NOW_US + retryAfterMs * 1000)
    expect(await limiter.consume('key')).toMatchObject({ allowed: true, source: 'store' })
    expect(store.stats()).toEqual({ unrecognized: 0 })
  })
})
