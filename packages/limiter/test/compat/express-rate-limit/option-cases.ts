/** What the documents say of options that tell whom to limit, and what to answer. */
import { expect } from 'vitest'
import { type Case, client, hitsOf, windowMs } from './case.ts'
import { serve } from './served.ts'

export const optionCases: readonly Case[] = [
  {
    name: 'without options five requests pass, and the next one is told so',
    async run({ create }) {
      const app = await serve(create())
      expect(await app.statuses(5)).toEqual([200, 200, 200, 200, 200])
      const { status, headers, body } = await app.get()
      expect(status).toBe(429)
      expect(body).toBe('Too many requests, please try again later.')
      expect(headers['content-type']).toBe('text/html; charset=utf-8')
    },
  },
  {
    name: 'limit, also as a function of the request that may be async',
    async run({ create }) {
      expect(await (await serve(create({ windowMs, limit: 1 }))).statuses(3)).toEqual([200, 429, 429])
      const limit = async (request: { readonly path: string }): Promise<number> =>
        request.path === '/vip' ? 3 : 1
      const keyGenerator = (): string => 'all'
      const app = await serve(create({ windowMs, limit, keyGenerator }))
      expect(await app.statuses(1)).toEqual([200])
      expect((await app.get('/vip')).status).toBe(200)
      expect(await app.statuses(1)).toEqual([429])
    },
  },
  {
    name: 'max is another name of limit, which goes before it',
    async run({ create }) {
      const app = await serve(create({ windowMs, max: 1, keyGenerator: () => 'a' }))
      expect(await app.statuses(2)).toEqual([200, 429])
      const both = await serve(create({ windowMs, max: 1, limit: 2, keyGenerator: () => 'b' }))
      expect(await both.statuses(3)).toEqual([200, 200, 429])
    },
  },
  {
    name: 'a limit of 0 denies all, and one of Infinity none',
    async run({ create }) {
      expect(await (await serve(create({ windowMs, limit: 0 }))).statuses(2)).toEqual([429, 429])
      const keyGenerator = (): string => 'all'
      const app = await serve(create({ windowMs, limit: Number.POSITIVE_INFINITY, keyGenerator }))
      expect(await app.statuses(2)).toEqual([200, 200])
    },
  },
  {
    name: 'message is a text, data, or a function of the request; statusCode is the status',
    async run({ create }) {
      const bodyOf = async (message: unknown): Promise<string> => {
        const { status, body } = await (await serve(create({ limit: 0, message, statusCode: 503 }))).get('/a')
        expect(status).toBe(503)
        return body
      }
      expect(await bodyOf('enough')).toBe('enough')
      expect(await bodyOf({ error: 'enough' })).toBe('{"error":"enough"}')
      expect(await bodyOf((request: { path: string }) => `enough of ${request.path}`)).toBe('enough of /a')
      expect(await bodyOf(async () => ({ later: true }))).toBe('{"later":true}')
    },
  },
  {
    name: 'message may answer by itself',
    async run({ create }) {
      const message = (_request: unknown, response: { end(text: string): void }): void => response.end('own')
      const limiter = create({ limit: 0, message })
      const passed: unknown[] = []
      const app = await serve((request, response, next) => {
        limiter(request, response, (error) => {
          passed.push(error)
          next(error)
        })
      })
      expect(await app.get()).toMatchObject({ status: 429, body: 'own' })
      expect(passed).toEqual([])
    },
  },
  {
    name: 'handler answers, knows the options, and may let the request pass',
    async run({ create }) {
      const denying = create({
        limit: 0,
        statusCode: 420,
        handler: (_request, response, _next, { statusCode, message }) => {
          response.status(statusCode).json({ message })
        },
      })
      const denied = await (await serve(denying)).get()
      expect(denied.status).toBe(420)
      expect(JSON.parse(denied.body)).toEqual({ message: 'Too many requests, please try again later.' })
      const passing = create({
        limit: 0,
        handler: (_request, _response, next) => next(),
        keyGenerator: () => 'b',
      })
      const passed = await (await serve(passing)).get()
      expect(passed.status).toBe(200)
      expect(JSON.parse(passed.body)).toMatchObject({ info: { limit: 0, used: 1, remaining: 0 } })
    },
  },
  {
    name: 'request.rateLimit says how the key stands, under the name of requestPropertyName',
    async run({ create }) {
      const seen: { readonly info: Record<string, unknown>; readonly current: unknown }[] = []
      const requestPropertyName = 'quota'
      const app = await serve(
        create({ windowMs, limit: 3, requestPropertyName }),
        (request, _response, next) => {
          const { quota } = request as unknown as { quota: Record<string, unknown> }
          seen.push({ info: { ...quota }, current: quota['current'] })
          next()
        },
      )
      await app.statuses(2)
      const resetTime = expect.any(Date)
      expect(seen).toEqual([
        { info: { limit: 3, used: 1, remaining: 2, resetTime, key: client }, current: 1 },
        { info: { limit: 3, used: 2, remaining: 1, resetTime, key: client }, current: 2 },
      ])
      const ms = Number(seen[0]?.info['resetTime']) - Date.now()
      expect(ms).toBeGreaterThan(windowMs - 60_000)
      expect(ms).toBeLessThanOrEqual(windowMs + 1000)
    },
  },
  {
    name: 'keyGenerator says whose budget it is, and may be async',
    async run({ create }) {
      const keyGenerator = async (request: { get(name: string): string | undefined }): Promise<string> =>
        request.get('x-user') ?? 'guest'
      const app = await serve(create({ windowMs, limit: 1, keyGenerator }))
      const statusOf = async (user: string): Promise<unknown> =>
        (await app.get('/', { 'x-user': user })).status
      expect([await statusOf('ada'), await statusOf('ada'), await statusOf('bob')]).toEqual([200, 429, 200])
    },
  },
  {
    name: 'without keyGenerator it is request.ip, of IPv6 its network of 56 bits',
    async run({ create }) {
      const limiter = create({ windowMs, limit: 2 })
      const app = await serve(limiter)
      const statusOf = async (ip: string): Promise<unknown> =>
        (await app.get('/', { 'x-forwarded-for': ip })).status
      expect(await statusOf('2001:db8::1')).toBe(200)
      expect(await statusOf('2001:db8:0:ff::7')).toBe(200)
      expect(await statusOf('2001:db8::2')).toBe(429)
      expect(await statusOf('2001:db8:0:100::1')).toBe(200)
      expect(await statusOf('192.0.2.1')).toBe(200)
      expect(await statusOf('::ffff:192.0.2.1')).toBe(200)
      expect(await hitsOf(limiter, '192.0.2.1')).toBe(2)
      expect(await hitsOf(limiter, '2001:db8:0:100::/56')).toBe(1)
    },
  },
  {
    name: 'ipv6Subnet is another length, also by request, or none',
    async run({ create }) {
      const keyOf = async (ipv6Subnet: number | false | (() => Promise<number>)): Promise<unknown> => {
        const app = await serve(create({ windowMs, ipv6Subnet }))
        const { body } = await app.get('/', { 'x-forwarded-for': '2001:db8:1:2:3::4' })
        return (JSON.parse(body) as { info: { key: string } }).info.key
      }
      expect(await keyOf(64)).toBe('2001:db8:1:2::/64')
      expect(await keyOf(async () => 48)).toBe('2001:db8:1::/48')
      expect(await keyOf(false)).toBe('2001:db8:1:2:3::4')
    },
  },
  {
    name: 'skip lets a request pass uncounted, and nothing tells of limits',
    async run({ create }) {
      const skip = async (request: { readonly path: string }): Promise<boolean> => request.path === '/health'
      const limiter = create({ windowMs, limit: 1, skip })
      const app = await serve(limiter)
      const { status, headers, body } = await app.get('/health')
      expect(status).toBe(200)
      expect(JSON.parse(body)).toEqual({ info: null })
      expect(headers).not.toHaveProperty('x-ratelimit-limit')
      expect(await hitsOf(limiter, client)).toBe(0)
      expect(await app.statuses(2)).toEqual([200, 429])
    },
  },
  {
    name: 'an option that is undefined counts as left out',
    async run({ create }) {
      const none = { limit: undefined, message: undefined, keyGenerator: undefined, skip: undefined }
      const app = await serve(create(none as never))
      expect(await app.statuses(6)).toEqual([200, 200, 200, 200, 200, 429])
    },
  },
  {
    name: 'what a function throws goes to the error handler of the application',
    async run({ create }) {
      const fail = (): never => {
        throw new TypeError('no')
      }
      const reject = async (): Promise<never> => fail()
      for (const options of [
        { keyGenerator: fail },
        { keyGenerator: reject },
        { skip: reject },
        { limit: reject },
        { limit: 0, message: fail },
        { limit: 0, handler: reject },
      ]) {
        expect(await (await serve(create(options))).get()).toMatchObject({ status: 500, body: 'TypeError' })
      }
    },
  },
]
