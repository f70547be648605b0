/** What the documents say of what counts, and what is given back. */
import { expect } from 'vitest'
import { type Case, client, hitsOf, windowMs } from './case.ts'
import { serve } from './served.ts'

export const countCases: readonly Case[] = [
  {
    name: 'getKey tells how a key stands, and resetKey has it begin anew',
    async run({ create }) {
      const limiter = create({ windowMs, limit: 2 })
      expect(await hitsOf(limiter, client)).toBe(0)
      const app = await serve(limiter)
      expect(await app.statuses(3)).toEqual([200, 200, 429])
      expect(await limiter.getKey(client)).toMatchObject({ resetTime: expect.any(Date) })
      await limiter.resetKey(client)
      expect(await hitsOf(limiter, client)).toBe(0)
      expect(await app.statuses(1)).toEqual([200])
    },
  },
  {
    name: 'skipFailedRequests gives back what failed, and what failed before it was answered',
    async run({ create }) {
      const limiter = create({ windowMs, limit: 3, skipFailedRequests: true })
      const app = await serve(limiter)
      await app.get()
      await app.get('/?status=404')
      await app.get('/?status=500')
      await expect.poll(() => hitsOf(limiter, client)).toBe(1)
      await app.leave()
      await expect.poll(() => hitsOf(limiter, client)).toBe(1)
      await app.statuses(2)
      expect((await app.get()).status).toBe(429)
      await expect.poll(() => hitsOf(limiter, client)).toBe(3)
    },
  },
  {
    name: 'skipSuccessfulRequests gives back what succeeded',
    async run({ create }) {
      const limiter = create({ windowMs, limit: 2, skipSuccessfulRequests: true })
      const app = await serve(limiter)
      await app.get('/?status=401')
      await app.get()
      await app.get('/?status=302')
      await expect.poll(() => hitsOf(limiter, client)).toBe(1)
      await app.get('/?status=401')
      expect((await app.get()).status).toBe(429)
    },
  },
  {
    name: 'requestWasSuccessful says what success is',
    async run({ create }) {
      const requestWasSuccessful = async (
        _request: unknown,
        response: { statusCode: number },
      ): Promise<boolean> => response.statusCode === 404
      const limiter = create({ windowMs, skipSuccessfulRequests: true, requestWasSuccessful })
      const app = await serve(limiter)
      await app.get()
      await app.get('/?status=404')
      await expect.poll(() => hitsOf(limiter, client)).toBe(1)
    },
  },
  {
    name: 'both give back everything',
    async run(subject) {
      const limiter = subject.create({
        windowMs,
        limit: 1,
        skipFailedRequests: true,
        skipSuccessfulRequests: true,
      })
      const app = await serve(limiter)
      for (const path of ['/', '/?status=500', '/']) {
        expect((await app.get(path)).status).not.toBe(429)
        await expect.poll(() => hitsOf(limiter, client)).toBe(0)
      }
      const expected = subject.differing('what getKey finds of a key whose only request was given back')
      const found = await limiter.getKey(client)
      expect(found && { totalHits: found.totalHits }).toEqual(expected)
    },
  },
  {
    name: 'what requestWasSuccessful throws is told to the logger, and fails no request',
    async run({ create }) {
      const logged: unknown[] = []
      const logger = { error: (error: unknown) => void logged.push(error), warn() {} }
      const requestWasSuccessful = async (): Promise<never> => {
        throw new RangeError('no')
      }
      const limiter = create({ windowMs, skipFailedRequests: true, requestWasSuccessful, logger })
      expect((await (await serve(limiter)).get()).status).toBe(200)
      await expect.poll(() => logged).toEqual([expect.any(RangeError)])
      expect(await hitsOf(limiter, client)).toBe(1)
    },
  },
  {
    name: 'requests that are denied',
    async run(subject) {
      const used: unknown[] = []
      const limiter = subject.create({
        windowMs,
        limit: 2,
        handler(request, response) {
          used.push((request as unknown as { rateLimit: { used: number } }).rateLimit.used)
          response.status(429).end()
        },
      })
      await (await serve(limiter)).statuses(4)
      expect(used).toEqual([
        3,
        subject.differing('`used` of the second request that is denied with a limit of 2'),
      ])
      expect(await hitsOf(limiter, client)).toBe(
        subject.differing('requests that getKey finds after 2 of 2 and two that were denied'),
      )
    },
  },
  {
    name: 'a limit that rises within a window',
    async run(subject) {
      let limit = 1
      const app = await serve(subject.create({ windowMs, limit: () => limit }))
      expect(await app.statuses(3)).toEqual([200, 429, 429])
      limit = 3
      const what = 'status after a limit rose from 1 to 3, and two were denied before'
      expect(await app.statuses(1)).toEqual([subject.differing(what)])
    },
  },
  {
    name: 'a limit that falls within a window denies what is above it',
    async run({ create }) {
      let limit = 3
      const limiter = create({ windowMs, limit: () => limit })
      const app = await serve(limiter)
      await app.statuses(2)
      limit = 1
      const { status, headers } = await app.get()
      expect(status).toBe(429)
      expect(headers).toMatchObject({ 'x-ratelimit-limit': '1', 'x-ratelimit-remaining': '0' })
    },
  },
  {
    name: 'keys that are no texts',
    async run({ create, differing }) {
      const given = {
        undefined,
        null: null,
        'an empty text': '',
        'an empty list': [],
        'a list': ['a', 'b'],
        'a number': 5,
      } as const
      for (const [name, key] of Object.entries(given)) {
        const app = await serve(create({ windowMs, keyGenerator: () => key as string }))
        const { status, body } = await app.get()
        const what = `key of a request of which keyGenerator returns ${name as keyof typeof given}` as const
        expect([name, status, JSON.parse(body).info.key]).toEqual([name, 200, differing(what)])
      }
    },
  },
  {
    name: 'two clients of whom no key is known',
    async run({ create, differing }) {
      const app = await serve(create({ windowMs, limit: 1, keyGenerator: () => undefined as never }))
      await app.get('/', { 'x-forwarded-for': '192.0.2.1' })
      const second = await app.get('/', { 'x-forwarded-for': '192.0.2.2' })
      const what = 'status of a second client where keyGenerator returns undefined for all, with a limit of 1'
      expect(second.status).toBe(differing(what))
      expect((await app.get('/', { 'x-forwarded-for': '192.0.2.1' })).status).toBe(429)
    },
  },
  {
    name: 'a limit that is none',
    async run(subject) {
      const limitless = await serve(subject.create({ windowMs, limit: () => Number.NaN }))
      const what = 'status where limit is a function that returns NaN'
      expect((await limitless.get()).status).toBe(subject.differing(what))
    },
  },
]
