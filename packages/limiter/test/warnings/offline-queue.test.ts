import { Cluster, Redis } from 'ioredis'
import { Redis as Valkey } from 'iovalkey'
import { createClient } from 'redis'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { RedisClient } from '../../src/entries/redis.ts'
import { freshLibrary } from './fresh-library.ts'

afterEach(() => {
  vi.restoreAllMocks()
})

const lazy = { lazyConnect: true }
const node = { host: '127.0.0.1', port: 1 }

describe('a client that keeps commands while it is disconnected', () => {
  it.each<[string, () => RedisClient]>([
    ['ioredis', () => new Redis(lazy)],
    ['a Cluster of ioredis', () => new Cluster([node], lazy)],
    ['iovalkey', () => new Valkey(lazy)],
    ['redis', () => createClient()],
    ['redis with options', () => createClient({ url: 'redis://127.0.0.1:1' })],
  ])('is warned of, once: %s', async (_, client) => {
    const { redisStore, codes } = await freshLibrary()
    redisStore(client())
    redisStore(client(), { prefix: 'other' })
    expect(codes).toEqual(['HEADGATE_OFFLINE_QUEUE'])
  })
})

describe('a connection that fails at once', () => {
  const failing = { ...lazy, enableOfflineQueue: false }

  it.each<[string, () => RedisClient | string]>([
    ['ioredis', () => new Redis(failing)],
    ['a Cluster of ioredis', () => new Cluster([node], failing)],
    ['iovalkey', () => new Valkey(failing)],
    ['redis', () => createClient({ disableOfflineQueue: true })],
    ['a URL', () => 'redis://127.0.0.1:1'],
    ['a client whose options nobody sees', () => ({ evalsha: async () => [], eval: async () => [] })],
  ])('is not: %s', async (_, client) => {
    const { redisStore, codes } = await freshLibrary()
    redisStore(client())
    expect(codes).toEqual([])
  })
})
