/** What the documents say of header fields. */
import type { RequestHandler } from 'express'
import { expect } from 'vitest'
import { type Case, rest, windowMs } from './case.ts'
import { serve } from './served.ts'

const quiet = { windowMs, legacyHeaders: false }

/** The fields that tell of limits. */
function told(headers: object): string[] {
  return Object.keys(headers)
    .filter((name) => /ratelimit|retry/.test(name))
    .sort()
}

export const headerCases: readonly Case[] = [
  {
    name: 'legacyHeaders are there unless they are turned off, by that name or headers',
    async run({ create }) {
      const keyGenerator = (): string => 'a'
      const { headers } = await (await serve(create({ windowMs, limit: 3, keyGenerator }))).get()
      expect(headers).toMatchObject({ 'x-ratelimit-limit': '3', 'x-ratelimit-remaining': '2' })
      const seconds = Number(headers['x-ratelimit-reset']) - Date.parse(headers['date'] ?? '') / 1000
      expect(String(seconds)).toMatch(/^(60[01]|5\d\d)$/)
      expect(told(headers)).toEqual(['x-ratelimit-limit', 'x-ratelimit-remaining', 'x-ratelimit-reset'])
      for (const off of [{ legacyHeaders: false }, { headers: false }]) {
        expect(told((await (await serve(create({ limit: 0, ...off }))).get()).headers)).toEqual([])
      }
    },
  },
  {
    name: 'standardHeaders true are those of draft 6',
    async run({ create }) {
      for (const standardHeaders of [true, 'draft-6'] as const) {
        const keyGenerator = (): string => String(standardHeaders)
        const app = await serve(create({ ...quiet, limit: 3, standardHeaders, keyGenerator }))
        const { headers } = await app.get()
        expect(headers).toMatchObject({
          'ratelimit-policy': '3;w=600',
          'ratelimit-limit': '3',
          'ratelimit-remaining': '2',
          'ratelimit-reset': expect.stringMatching(rest),
        })
        expect(told(headers)).toHaveLength(4)
      }
    },
  },
  {
    name: 'standardHeaders draft-7 are two fields',
    async run({ create }) {
      const app = await serve(create({ ...quiet, limit: 3, standardHeaders: 'draft-7' }))
      const { headers } = await app.get()
      expect(headers['ratelimit-policy']).toBe('3;w=600')
      expect(headers['ratelimit']).toMatch(/^limit=3, remaining=2, reset=(600|5\d\d)$/)
      expect(told(headers)).toHaveLength(2)
    },
  },
  {
    name: 'standardHeaders draft-8 name the policy and the partition',
    async run({ create }) {
      const keyGenerator = (): string => 'ada'
      const app = await serve(create({ ...quiet, limit: 3, standardHeaders: 'draft-8', keyGenerator }))
      const { headers } = await app.get()
      expect(headers['ratelimit-policy']).toBe('"3-in-10min"; q=3; w=600; pk=:ZmRlZTQzMGQ0MGJk:')
      expect(headers['ratelimit']).toMatch(/^"3-in-10min"; r=2; t=(600|5\d\d)$/)
      expect(told(headers)).toHaveLength(2)
    },
  },
  {
    name: 'identifier names the policy of draft 8, which is named after limit and window otherwise',
    async run({ create }) {
      const nameOf = async (options: object): Promise<string | undefined> => {
        const given = { legacyHeaders: false, standardHeaders: 'draft-8', ...options } as const
        const { headers } = await (await serve(create(given))).get()
        return /^"(.*)"/.exec(String(headers['ratelimit']))?.[1]
      }
      expect(await nameOf({ identifier: 'api' })).toBe('api')
      expect(await nameOf({ identifier: async (request: { path: string }) => `on${request.path}` })).toBe(
        'on/',
      )
      const windows = [1500, 60_000, 90_000, 3_600_000, 7_200_000, 86_400_000, 172_800_000]
      const names = ['1.5sec', '1min', '1.5min', '1hr', '2hrs', '1day', '2days']
      for (const [i, windowMs] of windows.entries()) {
        expect(await nameOf({ windowMs, limit: 4, keyGenerator: () => String(i) })).toBe(`4-in-${names[i]}`)
      }
    },
  },
  {
    name: 'several limiters of draft 8 add their fields',
    async run({ create }) {
      const one = (limit: number): ReturnType<typeof create> =>
        create({ ...quiet, limit, standardHeaders: 'draft-8', keyGenerator: () => String(limit) })
      const { headers } = await (await serve(one(3), one(7))).get()
      expect(headers['ratelimit']).toMatch(/^"3-in-10min"; r=2; t=\d+, "7-in-10min"; r=6; t=\d+$/)
    },
  },
  {
    name: 'a denial has Retry-After where fields of either kind are on, by retryAfter another one',
    async run({ create }) {
      const retryAfterOf = async (options: object): Promise<string | undefined> => {
        const app = await serve(create({ windowMs, limit: 1, ...options }))
        await app.statuses(2)
        return (await app.get()).headers['retry-after']
      }
      expect(await retryAfterOf({})).toMatch(rest)
      expect(await retryAfterOf({ limit: 0 })).toMatch(rest)
      expect(await retryAfterOf({ legacyHeaders: false, standardHeaders: true })).toMatch(rest)
      expect(await retryAfterOf({ legacyHeaders: false, retryAfter: 7 })).toBeUndefined()
      expect(await retryAfterOf({ retryAfter: 7 })).toBe('7')
      expect(await retryAfterOf({ retryAfter: async () => 8 })).toBe('8')
    },
  },
  {
    name: 'nothing is told where header fields have been sent already',
    async run({ create }) {
      const begin: RequestHandler = (_request, response, next) => {
        response.write('a')
        next()
      }
      const limiter = create({ windowMs, standardHeaders: 'draft-8' })
      const app = await serve(begin, limiter, (_request, response) => void response.end('b'))
      expect(await app.get()).toMatchObject({ status: 200, body: 'ab' })
    },
  },
  {
    name: 'an identifier with a quotation mark',
    async run(subject) {
      const options = { ...quiet, limit: 2, standardHeaders: 'draft-8', identifier: 'a"b' } as const
      const { headers } = await (await serve(subject.create(options))).get()
      const field = String(headers['ratelimit']).replace(rest, '600')
      expect(field).toBe(subject.differing('RateLimit field of an identifier with a quotation mark'))
    },
  },
]
