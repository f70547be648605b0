/** What the documents say of stores of one's own: the same for both packages. */
import * as theirs from 'express-rate-limit'
import { describe, expect, it } from 'vitest'
import * as ours from '../../../src/entries/compat/express-rate-limit.ts'
import { client, windowMs } from './case.ts'
import { serve } from './served.ts'

interface Logged {
  readonly logger: ours.Logger
  readonly errors: unknown[]
}

/** A store as somebody writes it: synchronous, and silent about when a window ends unless it is told. */
class CountingStore implements ours.Store {
  options: ours.Options | undefined
  readonly hits = new Map<string, number>()
  readonly #resetTime: Date | undefined

  constructor(resetTime?: Date) {
    this.#resetTime = resetTime
  }

  init(options: ours.Options): void {
    this.options = options
  }

  increment(key: string): ours.IncrementResponse {
    const totalHits = (this.hits.get(key) ?? 0) + 1
    this.hits.set(key, totalHits)
    return { totalHits, resetTime: this.#resetTime }
  }

  decrement(key: string): void {
    this.hits.set(key, (this.hits.get(key) ?? 0) - 1)
  }

  resetKey(key: string): void {
    this.hits.delete(key)
  }
}

class FailingStore extends CountingStore {
  override increment(): never {
    throw new RangeError('no')
  }
}

function logged(): Logged {
  const errors: unknown[] = []
  return { errors, logger: { error: (error) => void errors.push(error), warn() {} } }
}

describe.each([
  ['theirs', theirs as unknown as typeof ours],
  ['ours', ours],
])('a store of your own, %s', (_, { rateLimit }) => {
  const create = (options: Partial<ours.Options>): ours.RateLimitRequestHandler =>
    rateLimit({ validate: false, windowMs, ...options })

  it('counts, and knows the options', async () => {
    const store = new CountingStore()
    const app = await serve(create({ store, limit: 2 }))
    expect(store.options).toMatchObject({
      windowMs,
      limit: 2,
      statusCode: 429,
      requestPropertyName: 'rateLimit',
    })
    expect(await app.statuses(4)).toEqual([200, 200, 429, 429])
    expect(store.hits.get(client)).toBe(4)
  })

  it('has a whole window told where it does not say when that ends', async () => {
    const app = await serve(create({ store: new CountingStore(), limit: 0, standardHeaders: true }))
    const { headers } = await app.get()
    expect(headers).toMatchObject({ 'ratelimit-reset': '600', 'retry-after': '600' })
    expect(headers).not.toHaveProperty('x-ratelimit-reset')
  })

  it('is reached by resetKey, and by getKey only where it has get', async () => {
    const store = new CountingStore()
    const limiter = create({ store })
    store.increment('a')
    await limiter.resetKey('a')
    expect(store.hits.has('a')).toBe(false)
    expect(() => limiter.getKey('a')).toThrow()
    const found = { totalHits: 7, resetTime: undefined }
    expect(
      await create({ store: Object.assign(new CountingStore(), { get: () => found }) }).getKey('a'),
    ).toBe(found)
  })

  it('is asked to give back what is skipped, within its window', async () => {
    const later = new CountingStore(new Date(Date.now() + windowMs))
    await (await serve(create({ store: later, skipSuccessfulRequests: true }))).get()
    await expect.poll(() => later.hits.get(client)).toBe(0)
    const over = new CountingStore(new Date(Date.now() - 1))
    const app = await serve(create({ store: over, skipSuccessfulRequests: true }))
    await app.statuses(3)
    expect(over.hits.get(client)).toBe(3)
  })

  it('may change the time it told', async () => {
    const resetTime = new Date(Date.now() + windowMs)
    const store = new CountingStore(resetTime)
    const app = await serve(create({ store, skipSuccessfulRequests: true }), (_request, _response, next) => {
      resetTime.setTime(0)
      next()
    })
    await app.get()
    await expect.poll(() => store.hits.get(client)).toBe(0)
  })

  it('that fails denies by an error, or passes all with passOnStoreError', async () => {
    const failed = await (await serve(create({ store: new FailingStore() }))).get()
    expect(failed).toMatchObject({ status: 500, body: 'RangeError' })
    const { logger, errors } = logged()
    const app = await serve(create({ store: new FailingStore(), limit: 0, passOnStoreError: true, logger }))
    const { status, headers, body } = await app.get()
    expect([status, JSON.parse(body)]).toEqual([200, { info: null }])
    expect(headers).not.toHaveProperty('x-ratelimit-limit')
    expect(errors).toEqual([expect.any(RangeError)])
  })

  it('that fails to begin, or to give back, is told to the logger', async () => {
    const fail = (): never => {
      throw new RangeError('no')
    }
    const reject = async (): Promise<never> => fail()
    for (const broken of [{ init: fail }, { init: reject }, { decrement: fail }, { decrement: reject }]) {
      const { logger, errors } = logged()
      const store = Object.assign(new CountingStore(), broken)
      const app = await serve(create({ store, logger, skipSuccessfulRequests: true }))
      expect(await app.statuses(1)).toEqual([200])
      await expect.poll(() => errors).toEqual([expect.any(RangeError)])
    }
  })
})
