import { Redis } from 'ioredis'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { LimiterOptions, Store } from '../../src/entries/index.ts'
import { freshLibrary } from './fresh-library.ts'

const CODE = 'HEADGATE_SHARED_COUNTER'

afterEach(() => {
  vi.restoreAllMocks()
})

function named(name: string, ...rules: string[]) {
  return { policies: [{ name, rules }] }
}

describe('limiters on one store', () => {
  it.each<[string, LimiterOptions<Store>[]]>([
    ['no policies', [{ limit: '200/min' }, { limit: '2/min' }, { limit: '3/min' }]],
    ['policies of one name', [named('p', '1/s'), named('p', '2/s'), named('p', '3/s')]],
    ['one rule in common', [named('p', '1/s', '10/min'), named('p', '1/s', '20/min')]],
  ])('are warned of once where their limits differ: %s', async (_, options) => {
    const { createLimiter, memoryStore, codes } = await freshLibrary()
    const store = memoryStore()
    for (const one of options) createLimiter({ ...one, store } as LimiterOptions<Store>)
    expect(codes).toEqual([CODE])
  })

  it.each<[string, LimiterOptions<Store>[]]>([
    ['of one limit, however it is written', [{ limit: '9/min' }, { limit: { limit: 9, window: '60s' } }]],
    ['of different names', [{ limit: '200/min' }, named('p', '2/min'), named('q', '3/min')]],
    ['of different windows, which have counters of their own', [named('p', '1/s'), named('p', '10/min')]],
    [
      'of which one is off',
      [named('p', '1/s'), { policies: [{ name: 'p', rules: ['2/s'], mode: 'off' as const }] }],
    ],
  ])('are not where they are %s', async (_, options) => {
    const { createLimiter, memoryStore, codes } = await freshLibrary()
    const store = memoryStore()
    for (const one of options) createLimiter({ ...one, store } as LimiterOptions<Store>)
    expect(codes).toEqual([])
  })

  it('are not where one was closed before, has other policies by now, or was refused', async () => {
    const { createLimiter, memoryStore, codes } = await freshLibrary()
    const store = memoryStore()
    await createLimiter({ limit: '200/min', store }).close()
    expect(() => createLimiter({ limit: '5/fortnight', store })).toThrow()
    createLimiter({ ...named('default', '3/min'), store }).policies.replace([])
    createLimiter({ limit: '2/min', store })
    expect(codes).toEqual([])
  })

  it('are not where each has a store of its own', async () => {
    const { createLimiter, codes } = await freshLibrary()
    createLimiter({ limit: '200/min' })
    createLimiter({ limit: '2/min' })
    expect(codes).toEqual([])
  })
})

describe('stores that are made several times', () => {
  const client = new Redis({ lazyConnect: true, enableOfflineQueue: false })

  it.each([
    ['one client', client, client],
    ['one URL', 'redis://127.0.0.1:1', 'redis://127.0.0.1:1'],
  ])('are one store by one prefix: %s', async (_, first, second) => {
    const { createLimiter, redisStore, codes } = await freshLibrary()
    createLimiter({ limit: '200/min', store: redisStore(first) })
    createLimiter({ limit: '2/min', store: redisStore(second) })
    expect(codes).toEqual([CODE])
  })

  it.each([
    ['prefix', client, client],
    ['server', 'redis://127.0.0.1:1', 'redis://127.0.0.1:2'],
  ])('are not where they have another %s', async (differs, first, second) => {
    const { createLimiter, redisStore, codes } = await freshLibrary()
    const prefix = differs === 'prefix' ? 'login' : 'headgate'
    createLimiter({ limit: '200/min', store: redisStore(first) })
    createLimiter({ limit: '2/min', store: redisStore(second, { prefix }) })
    expect(codes).toEqual([])
  })

  it('are looked at where a policy counts: each of several named stores by itself', async () => {
    const { createLimiter, memoryStore, namedStores, codes } = await freshLibrary()
    const store = namedStores({ a: memoryStore(), b: memoryStore() })
    const policyIn = (part: string, limit: string) => ({
      policies: [{ name: 'p', rules: [limit], store: part }],
      store,
    })
    createLimiter(policyIn('a', '1/s'))
    createLimiter(policyIn('b', '2/s'))
    expect(codes).toEqual([])
    createLimiter(policyIn('b', '3/s'))
    expect(codes).toEqual([CODE])
  })
})
