/** What takes time, in memory: the clock is that of the test, while sockets have the real one. */
import { expect, vi } from 'vitest'
import { type Case, client, hitsOf } from './case.ts'
import { serve } from './served.ts'

export const timedCases: readonly Case[] = [
  {
    name: 'a window begins with the first request of a key, and ends as a whole',
    async run({ create }) {
      const limiter = create({ windowMs: 10_000, limit: 2, standardHeaders: 'draft-7' })
      const app = await serve(limiter)
      await app.get()
      vi.advanceTimersByTime(6000)
      const { headers } = await app.get()
      expect(headers['ratelimit']).toBe('limit=2, remaining=0, reset=4')
      expect(Number(headers['x-ratelimit-reset'])).toBe(Math.ceil((Date.now() + 4000) / 1000))
      vi.advanceTimersByTime(3500)
      const denied = await app.get()
      expect(denied).toMatchObject({ status: 429, headers: { 'retry-after': '1' } })
      vi.advanceTimersByTime(500)
      expect(await limiter.getKey(client)).toBeUndefined()
      const { status, headers: anew } = await app.get()
      expect([status, anew['ratelimit']]).toEqual([200, 'limit=2, remaining=1, reset=10'])
    },
  },
  {
    name: 'a request that fails after its window has ended takes nothing from the next one',
    async run({ create }) {
      const limiter = create({ windowMs: 10_000, limit: 2, skipFailedRequests: true })
      let left = (): void => {}
      const hasLeft = new Promise<void>((resolve) => {
        left = resolve
      })
      const app = await serve(limiter, (request, response, next) => {
        if (request.path !== '/late') return next()
        vi.advanceTimersByTime(10_000)
        response.once('close', () => setImmediate(left))
        response.status(500).end()
      })
      await app.get('/late')
      await hasLeft
      await app.get()
      expect(await hitsOf(limiter, client)).toBe(1)
    },
  },
  {
    name: 'a window whose only request was given back',
    async run({ create, differing }) {
      const limiter = create({ windowMs: 10_000, skipFailedRequests: true, standardHeaders: true })
      const app = await serve(limiter)
      await app.get('/?status=500')
      await expect.poll(() => hitsOf(limiter, client)).toBe(0)
      vi.advanceTimersByTime(6000)
      const { headers } = await app.get()
      const what = 'seconds left of a window of 10 after 6, at the start of which a request was given back'
      expect(Number(headers['ratelimit-reset'])).toBe(differing(what))
    },
  },
  {
    name: 'MemoryStore counts by itself as well',
    async run({ MemoryStore }) {
      const store = new MemoryStore()
      await store.init({ windowMs: 10_000 } as never)
      expect(store.localKeys).toBe(true)
      expect(await store.get('a')).toBeUndefined()
      expect(await store.increment('a')).toMatchObject({
        totalHits: 1,
        resetTime: new Date(Date.now() + 10_000),
      })
      expect(await store.increment('a')).toMatchObject({ totalHits: 2 })
      await store.decrement('a')
      expect(await store.get('a')).toMatchObject({ totalHits: 1 })
      await store.increment('b')
      await store.resetKey('b')
      expect(await store.get('b')).toBeUndefined()
      await store.resetAll()
      expect(await store.get('a')).toBeUndefined()
      await store.shutdown()
    },
  },
  {
    name: 'a window may be longer than a timer of Node',
    async run({ MemoryStore, differing }) {
      const store = new MemoryStore()
      await store.init({ windowMs: 30 * 86_400_000 } as never)
      await store.increment('a')
      vi.advanceTimersByTime(1000)
      const what = 'requests of a window of 30 days that are counted after a second'
      expect((await store.get('a'))?.totalHits ?? 0).toBe(differing(what))
      await store.shutdown()
    },
  },
]
