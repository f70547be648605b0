import { Redis } from 'ioredis'
import { afterEach, describe, expect, it, vi } from 'vitest'
import {
  type IRateLimiterOptions,
  type IRateLimiterRedisOptions,
  RateLimiterMemory,
  RateLimiterRedis,
  RateLimiterUnion,
} from '../../../src/entries/compat/rate-limiter-flexible.ts'

const given = { points: 5, duration: 1 }
const storeClient = new Redis({ lazyConnect: true })

afterEach(() => {
  vi.restoreAllMocks()
})

describe('an option that is not taken', () => {
  it.each([
    ['blockOnConsumed', 'use blockDuration'],
    ['inMemoryBlockDuration', 'use blockDuration'],
    ['customIncrTtlLuaScript', 'defineAlgorithm of headgate/custom'],
    ['useRedis3AndLowerPackage', 'pass a client of redis 6'],
  ])('is an error that says what to do instead: %s', (name, fix) => {
    const options = { ...given, storeClient, [name]: 10 } as IRateLimiterRedisOptions
    const message = expect.stringContaining(fix)
    expect(() => new RateLimiterRedis(options)).toThrow(
      expect.objectContaining({ code: 'invalid-options', path: `options.${name}`, message }),
    )
  })

  it('is taken where what it asks for is always so', () => {
    const always = { inMemoryBlockOnConsumed: 5, rejectIfRedisNotReady: true, useRedisPackage: true }
    expect(new RateLimiterRedis({ ...given, storeClient, ...always }).points).toBe(5)
    expect(new RateLimiterMemory({ ...given, inMemoryBlockOnConsumed: 5 }).points).toBe(5)
  })
})

describe('an option that is wrong', () => {
  it.each([
    [{ points: 1.5 }, 'options.points'],
    [{ points: -1 }, 'options.points'],
    [{ points: undefined }, 'options.points'],
    [{ duration: -1 }, 'options.duration'],
    [{ duration: 0.0001 }, 'options.duration'],
    [{ duration: '1m' }, 'options.duration'],
    [{ duration: undefined }, 'options.duration'],
    [{ blockDuration: -1 }, 'options.blockDuration'],
    [{ keyPrefix: 7 }, 'options.keyPrefix'],
    [{ pionts: 7 }, 'options'],
  ])('is an error with its path: %j', (wrong, path) => {
    const options = { ...given, ...wrong } as unknown as IRateLimiterOptions
    expect(() => new RateLimiterMemory(options)).toThrow(
      expect.objectContaining({ code: 'invalid-options', path }),
    )
  })

  it('is a missing client', () => {
    const options = given as IRateLimiterRedisOptions
    expect(() => new RateLimiterRedis(options)).toThrow(/storeClient is missing; pass a client/)
  })

  it('is a union of nothing, of something else, or of one prefix twice', () => {
    const limiter = new RateLimiterMemory(given)
    expect(() => new RateLimiterUnion()).toThrow(/pass one or more limiters/)
    expect(() => new RateLimiterUnion(limiter, {} as RateLimiterMemory)).toThrow(/is not a limiter/)
    expect(() => new RateLimiterUnion(limiter, new RateLimiterMemory(given))).toThrow(/keyPrefix "rlflx"/)
  })
})

describe('a union', () => {
  it('gives nothing back to a limiter that rejects, whatever its prefix is', async () => {
    const rejecting = new RateLimiterMemory({ ...given, points: 1, keyPrefix: 'constructor' })
    const union = new RateLimiterUnion(rejecting, new RateLimiterMemory({ ...given, points: 9 }))
    await union.consume('a')
    await expect(union.consume('a')).rejects.toHaveProperty('constructor')
    await expect(union.consume('a')).rejects.toHaveProperty('constructor')
  })
})

describe('limiters on one client', () => {
  it('are warned of where they have different points and one prefix, and nowhere else', () => {
    const emitted: string[] = []
    vi.spyOn(process, 'emitWarning').mockImplementation(((_: string, { code }: { code: string }) => {
      emitted.push(code)
    }) as never)
    const client = new Redis({ lazyConnect: true, enableOfflineQueue: false })
    const create = (points: number, keyPrefix: string): unknown =>
      new RateLimiterRedis({ storeClient: client, duration: 1, points, keyPrefix })
    create(5, 'login fail: by ip')
    create(7, 'login fail: by user')
    expect(emitted).toEqual([])
    create(9, 'login fail: by user')
    expect(emitted).toEqual(['HEADGATE_SHARED_COUNTER'])
  })
})

describe('an option that changes while a limiter runs', () => {
  it('is checked, and a wrong one leaves the limiter as it was', async () => {
    const limiter = new RateLimiterMemory(given)
    for (const change of [
      () => (limiter.points = 1.5),
      () => (limiter.duration = -1),
      () => (limiter.blockDuration = -1),
    ]) {
      expect(change).toThrow(expect.objectContaining({ code: 'invalid-options' }))
    }
    expect(limiter).toMatchObject({ points: 5, duration: 1, blockDuration: 0 })
    expect(await limiter.consume('a')).toMatchObject({ remainingPoints: 4 })
  })
})
