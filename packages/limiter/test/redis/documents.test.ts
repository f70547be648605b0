import { Redis } from 'ioredis'
import { describe, expect, it } from 'vitest'
import { type DocumentStore, isDocumentStore } from '../../src/core/document-store.ts'
import { namedStores } from '../../src/entries/resilience.ts'
import { memoryStore } from '../../src/stores/memory/index.ts'
import { redisStore } from '../../src/stores/redis/index.ts'
import { redisForTests } from '../redis-for-tests.ts'

const redis = redisForTests()

const first = { expected: null, revision: '1', text: 'one' }

describe('the documents of a Redis store', () => {
  it('stand under its prefix, and never expire', async () => {
    const [store, other] = ['headgate:mine', 'headgate:theirs'].map((prefix) =>
      redisStore(redis.client, { prefix }),
    )
    expect(await store?.putDocument('policies', first)).toBe(true)
    expect(await other?.readDocument('policies', null)).toBe('absent')
    expect(await redis.admin.pttl('headgate:mine:{~document:policies}')).toBe(-1)
  })

  it.each([
    [
      'a text that is none of ours',
      () => redis.admin.set('headgate:foreign:{~document:policies}', 'what is this'),
    ],
    ['another type', () => redis.admin.lpush('headgate:foreign:{~document:policies}', 'a list')],
  ])('are absent where there is %s, and can be put there', async (_, write) => {
    const store = redisStore(redis.client, { prefix: 'headgate:foreign' })
    await redis.admin.del('headgate:foreign:{~document:policies}')
    await write()
    expect(await store.readDocument('policies', null)).toBe('absent')
    expect(await store.putDocument('policies', first)).toBe(true)
    expect(await store.readDocument('policies', null)).toEqual({ revision: '1', text: 'one' })
  })

  it('reject while nobody answers', async () => {
    const unreachable = new Redis({ port: 1, lazyConnect: true, retryStrategy: null })
    unreachable.on('error', () => {})
    const store = redisStore(unreachable)
    await expect(store.readDocument('policies', null)).rejects.toMatchObject({ code: 'store-unavailable' })
    await expect(store.putDocument('policies', first)).rejects.toMatchObject({ code: 'store-unavailable' })
  })
})

describe('several stores as one', () => {
  it('have the documents of the first', async () => {
    const [main, other] = [memoryStore(), memoryStore()]
    const named = namedStores({ main, other }) as unknown as DocumentStore
    expect(isDocumentStore(named)).toBe(true)
    expect(await named.putDocument('policies', first)).toBe(true)
    expect(await main.readDocument('policies', '1')).toBe('unchanged')
    expect(await other.readDocument('policies', null)).toBe('absent')
  })
})
