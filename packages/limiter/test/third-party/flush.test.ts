import { describe, expect, it } from 'vitest'
import { createLimiter, memoryStore } from '../../src/entries/index.ts'
import { redisStore } from '../../src/entries/redis.ts'
import { guarded, namedStores } from '../../src/entries/resilience.ts'
import type { Store } from '../../src/entries/store.ts'
import { expectLimited, faultyStore, flush, manualClock } from '../../src/entries/testing.ts'
import { redisForTests } from '../redis-for-tests.ts'
import { ToyStore } from './toy-store.ts'

const redis = redisForTests({ permissions: ['clients of yours,', '`flush` of'] })

describe.each<[string, () => Store]>([
  ['memory', () => memoryStore()],
  ['memory, guarded', () => guarded(memoryStore())],
  ['memory, with faults', () => guarded(faultyStore(memoryStore()))],
  ['several stores', () => namedStores({ a: memoryStore(), b: memoryStore() })],
  ['Redis', () => redisStore(redis.client)],
])('flush: %s', (_, make) => {
  it('forgets what was spent, blocked and denied', async () => {
    const store = make()
    const limiter = createLimiter({ limit: '2/min', store })
    for (const key of ['spent', 'spent', 'once']) await limiter.consume(key)
    await limiter.block('blocked', '1h')
    // The second denial may be answered from a cache.
    for (let i = 0; i < 2; i++) expectLimited(await limiter.consume('spent'))
    await flush(store)
    for (const key of ['spent', 'once', 'blocked']) {
      expect(await limiter.consume(key)).toMatchObject({ allowed: true, remaining: 1, source: 'store' })
    }
    await flush(store)
    await limiter.close()
  })
})

describe('flush', () => {
  it('leaves other prefixes of a server alone', async () => {
    const stores = ['headgate:a', 'headgate:ab', 'headgate:a:b'].map((prefix) =>
      redisStore(redis.client, { prefix }),
    )
    const limiters = stores.map((store) => createLimiter({ limit: '5/min', store }))
    for (const limiter of limiters) await limiter.consume('a')
    await flush(stores[0] as Store)
    const left = await Promise.all(limiters.map(async (limiter) => (await limiter.peek('a')).remaining))
    expect(left).toEqual([4, 3, 3])
    await Promise.all(limiters.map((limiter) => limiter.close()))
  })

  it('has leases start over', async () => {
    const store = guarded(memoryStore())
    const policies = [{ name: 'p', rules: ['1000/min'], lease: { max: 100, lifetime: '1m' } }]
    const limiter = createLimiter({ policies, store })
    for (let i = 0; i < 50; i++) await limiter.consume('a')
    await flush(store)
    expect(await limiter.peek('a')).toMatchObject({ remaining: 999 })
    await limiter.close()
  })

  it('has the fallback forget as well', async () => {
    const clock = manualClock()
    const faulty = faultyStore(memoryStore({ clock }))
    const store = guarded(faulty)
    const limiter = createLimiter({ limit: '2/min', store, clock })
    faulty.always('fail')
    for (let i = 0; i < 2; i++) await limiter.consume('a')
    expectLimited(await limiter.consume('a'), { source: 'fallback' })
    await flush(store)
    expect(await limiter.consume('a')).toMatchObject({ allowed: true, source: 'fallback', remaining: 1 })
    await limiter.close()
  })

  it('says what a store of your own lacks', async () => {
    await expect(flush(new ToyStore(manualClock()))).rejects.toMatchObject({ code: 'invalid-options' })
  })
})
