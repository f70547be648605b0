/** Scripts of PlugLimit's contract behind Express, over real sockets, on a real Redis. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import express, { type ErrorRequestHandler, type Request, type RequestHandler } from 'express'
import { Redis } from 'ioredis'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { rateLimit } from '../../src/adapters/express.ts'
import { type ScriptLimiter, scriptLimiter } from '../../src/script/script-limiter.ts'
import { memoryStore } from '../../src/stores/memory/index.ts'
import { listen } from '../adapters/node-reply.ts'
import { Started } from '../harness/started.ts'
import { RedisServer } from '../redis-server.ts'
import { fixedWindow, SCRIPTS_OF_USERS, tokenBucket } from './reference-scripts.ts'

const started = new Started()
let directory: string
let server: RedisServer
let client: Redis

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'headgate-script-'))
  // It restarts with all its keys, and without its scripts.
  server = await RedisServer.start({
    ...SCRIPTS_OF_USERS,
    appendOnlyIn: directory,
    args: ['--appendfsync', 'always'],
  })
  client = new Redis(server.url, { retryStrategy: () => 20 })
  client.on('error', () => {})
})

afterEach(() => started[Symbol.asyncDispose]())

afterAll(async () => {
  client.disconnect()
  await server.stop()
  rmSync(directory, { recursive: true })
})

function byScript(script: typeof fixedWindow): ScriptLimiter {
  const call = (command: readonly [string, ...string[]]): Promise<unknown> => client.call(...command)
  return scriptLimiter({ ...script, call, onStoreError: 'closed', deadlineMs: 60_000 })
}

/** Serves `/` behind middleware; errors are answered with 500. */
async function get(
  ...limits: RequestHandler[]
): Promise<(headers?: Record<string, string>) => Promise<Answer>> {
  const app = express()
  app.get('/', ...limits, (_request, response) => void response.send('served'))
  app.use(((error: Error, _request, response, _next) => {
    response.status(500).send(error.message)
  }) as ErrorRequestHandler)
  const running = await listen(app)
  started.defer(() => running.close())
  return async (headers = {}) => {
    const response = await fetch(running.url, { headers })
    return { status: response.status, headers: response.headers, body: await response.text() }
  }
}

interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly body: string
}

/** Status and the values of PlugLimit's header fields, without those that are absent. */
function vector({ status, headers }: Answer): unknown[] {
  const names = ['x-ratelimit-limit', 'x-ratelimit-reset', 'x-ratelimit-remaining', 'retry-after']
  return [status, ...names.map((name) => headers.get(name)).filter((value) => value !== null)]
}

/** The time of all scripts here, in milliseconds: none of them waits. */
const NOW = 1_800_000_000_000

describe('a script behind Express', () => {
  it('gives the vectors of a fixed window, over SCRIPT FLUSH and a restart', async () => {
    const send = await get(
      rateLimit({
        script: byScript(fixedWindow),
        key: () => 'express:fixed',
        args: [3, 60, NOW],
        onDecision: (_, { extra, setHeader }) => setHeader('x-seen', String(extra[0])),
        response: (_, { extra }) => ({ status: 429, body: `request ${extra[0]} of 3` }),
      }),
    )
    const answers = [await send()]
    await server.flushScripts()
    answers.push(await send())
    await server.restart()
    answers.push(await send(), await send())
    expect(answers.map(vector)).toEqual([
      [200, '3', '60', '2'],
      [200, '3', '60', '1'],
      [200, '3', '60', '0'],
      [429, '3', '60', '0'],
    ])
    expect(answers.map(({ headers }) => headers.get('x-seen'))).toEqual(['1', '2', '3', '4'])
    expect(answers.map(({ body }) => body)).toEqual(['served', 'served', 'served', 'request 4 of 3'])
  })

  it('gives the vectors of a token bucket, over SCRIPT FLUSH and a restart', async () => {
    let now = NOW
    const send = await get(
      rateLimit({
        script: byScript(tokenBucket),
        key: () => 'express:bucket',
        args: async () => [5, 2, 3, now],
        response: ({ retryAfterMs }, { extra }) => ({
          body: { waitMs: retryAfterMs, thousandths: extra[0] },
        }),
      }),
    )
    const limit = '5 5;w=2;burst=3;policy=token_bucket'
    expect(vector(await send())).toEqual([200, limit, '2', '4'])
    await server.flushScripts()
    expect(vector(await send())).toEqual([200, limit, '2', '3'])
    await server.restart()
    expect(vector(await send())).toEqual([200, limit, '2', '2', '1'])
    const denied = await send()
    expect(vector(denied)).toEqual([429, limit, '2', '2', '1'])
    expect(JSON.parse(denied.body)).toEqual({ waitMs: 1000, thousandths: 0 })
    now += 1000
    expect(vector(await send())).toEqual([200, limit, '1', '1', '1'])
  })

  it('has a key or several, from the request and the address of the client', async () => {
    const script = scriptLimiter({
      script: "return { 'allow', {}, KEYS }",
      headers: [],
      call: (command) => client.call(...command),
      onStoreError: 'closed',
      deadlineMs: 60_000,
    })
    const heard: unknown[] = []
    const middleware = (key: (request: Request, address: string | null) => string | string[] | null) =>
      rateLimit({ script, key, onDecision: (_, { extra }) => heard.push(extra[0]) })
    const send = await get(
      middleware((_, address) => `address:${address}`),
      middleware((request) => [`user:${request.get('x-user')}`, 'all']),
      middleware(() => null),
      rateLimit({ script, onDecision: (_, { extra }) => heard.push(extra[0]) }),
    )
    expect((await send({ 'x-user': 'alice' })).status).toBe(200)
    expect(heard).toEqual([['address:127.0.0.1'], ['user:alice', 'all'], ['~i127.0.0.1'], ['~i127.0.0.1']])
  })

  it.each([
    [
      'throws',
      (): never => {
        throw new Error('no such user')
      },
      'no such user',
    ],
    ['rejects', () => Promise.reject(new Error('no such user')), 'no such user'],
    ['returns none', () => [], /is not a list of one or more keys/],
    ['returns what is no text', () => 7 as never, /7 is no key; return a text, or a list of texts/],
    ['returns an empty one among others', () => ['a', ''], /"" is not a key/],
  ])('lets no request pass whose key function %s', async (_, key, message) => {
    const send = await get(rateLimit({ script: byScript(fixedWindow), key, args: [3, 60] }))
    const { status, body } = await send()
    expect(status).toBe(500)
    expect(body).toMatch(message)
  })

  it('answers 503 or serves while Redis is away, as onStoreError says', async () => {
    const call = (): Promise<never> => Promise.reject(new Error('away'))
    for (const [onStoreError, expected] of [
      ['closed', 503],
      ['open', 200],
    ] as const) {
      const script = scriptLimiter({ ...fixedWindow, call, onStoreError, onError: () => {} })
      const reasons: string[] = []
      const send = await get(
        rateLimit({
          script,
          key: () => 'k',
          args: [3, 60],
          onDecision: ({ reason }) => reasons.push(reason),
        }),
      )
      expect([(await send()).status, ...reasons]).toEqual([expected, 'store-unavailable'])
    }
  })

  it('denies with a problem document, or an envelope that claims no more than the script said', async () => {
    const common = { script: byScript(fixedWindow), key: () => 'express:body', args: [0, 60, NOW] }
    const problem = await (await get(rateLimit(common)))()
    expect(problem.headers.get('content-type')).toBe('application/problem+json')
    expect(JSON.parse(problem.body)).toMatchObject({ status: 429, detail: 'Too many requests' })
    const json = await (await get(rateLimit({ ...common, response: 'json' })))()
    expect(JSON.parse(json.body).error.recovery_suggestions).toEqual([
      'Send requests at an even pace, and fewer of them.',
    ])
  })

  it('gives back what a limiter before it spent, when it denies', async () => {
    const store = memoryStore()
    const before = rateLimit({ limit: '5/hour', key: 'global', store })
    const script = rateLimit({ script: byScript(fixedWindow), key: () => 'express:both', args: [1, 60, NOW] })
    const send = await get(before, script)
    expect(vector(await send())).toEqual([200, '1', '60', '0'])
    expect(vector(await send())).toEqual([429, '1', '60', '0'])
    expect((await before.limiter.peek({}, { cost: 0 })).remaining).toBe(4)
  })

  it('takes those defaults that are for scripts too', async () => {
    let enabled = false
    const limited = rateLimit.defaults({ limit: '5/min', store: memoryStore(), enabled: () => enabled })
    const send = await get(
      limited({ script: byScript(fixedWindow), key: () => 'express:defaults', args: [0, 60] }),
    )
    expect((await send()).status).toBe(200)
    enabled = true
    expect((await send()).status).toBe(429)
  })
})

describe('options of a script behind Express', () => {
  const key = (): string => 'k'
  const right = { script: scriptLimiter({ ...fixedWindow, call: async () => 0, onStoreError: 'open' }) }

  it.each([
    ['options.key', { key: 'ip' }, /"ip" is not a function; a script has no attributes/],
    ['options.script', { script: 'return 1', key }, /"return 1" is not a script limiter/],
    ['options.args', { args: 3, key }, /3 is not a list of arguments; pass \[100, 60\]/],
    ['options', { limit: '5/min', key }, /unknown field "limit"/],
    ['options.onDecision', { onDecision: 'log', key }, /"log" is not a function/],
    ['options.response', { response: 'xml', key }, /"xml" is no response/],
    ['options.enabled', { enabled: 'no', key }, /"no" is not a switch/],
  ])('are refused at %s: %j', (path, wrong, message) => {
    expect(() => rateLimit({ ...right, ...wrong } as never)).toThrow(
      expect.objectContaining({ code: 'invalid-options', path, message: expect.stringMatching(message) }),
    )
  })
})
