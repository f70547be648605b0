/** The packed library under real Bun, Deno and workerd, beside the service and a Redis. */
import { json } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { pathOf } from '../../../../scripts/ensure-runtimes.ts'
import { ConfigFolder } from '../../../server/test/e2e/config-folder.ts'
import { HeadgateProcess } from '../../../server/test/e2e/headgate-process.ts'
import { PackedProject } from '../package/packed-project.ts'
import { RedisServer } from '../redis-server.ts'
import { Listening } from './listening.ts'
import { RuntimeProcess, runtimes } from './runtime-process.ts'

const outcomes: readonly (readonly [scenario: string, outcome: unknown])[] = [
  [
    'manual clock',
    [
      [true, 1, 0],
      [true, 0, 0],
      [false, 0, 30_001],
      [true, 0, 0],
      [false, 0, 30_001],
    ],
  ],
  ['real clock', [3, false, true]],
  ['a wait that is over', [true, false, true, true]],
  [
    'policies',
    {
      seen: [
        [true, 'writes'],
        [false, 'writes'],
        [true, 'daily'],
        [true, 'daily'],
        [false, 'daily'],
      ],
      policies: [
        ['writes', 'applies'],
        ['daily', 'applies'],
      ],
    },
  ],
  ['refunds, reservations and snapshots', [6, 8, 8]],
  ['an algorithm of its own', [true, false]],
  [
    'header fields and problems',
    [['ratelimit', 'ratelimit-policy', 'retry-after'], 'Bad Request', "I'm a Teapot"],
  ],
  ['mistakes', [['invalid-options', 'invalid-options'], 1]],
  ['a listener that fails', true],
  ['a service that nobody runs', ['fallback', false]],
]

const admission = {
  allowed: true,
  reason: 'within-limit',
  source: 'store',
  cost: 1,
  retryAfterMs: 0,
  rules: [],
  receipt: null,
}

let project: PackedProject
let redis: RedisServer
let service: HeadgateProcess
const config = new ConfigFolder('policies:\n  - { name: api, key: user, rules: [3/h] }\n')

beforeAll(async () => {
  project = new PackedProject()
  project.link('hono')
  redis = await RedisServer.start()
  service = await HeadgateProcess.serve(['--config', config.file])
})

afterAll(async () => {
  await service?.[Symbol.asyncDispose]()
  await redis?.stop()
  project?.[Symbol.dispose]()
  config[Symbol.dispose]()
})

/** Answers the first request on each connection, and breaks the connection at the second. */
function breaking(): Promise<Listening> {
  const seen = new WeakSet<object>()
  return Listening.start(({ socket }, response) => {
    if (seen.has(socket)) socket.destroy()
    else response.setHeader('content-type', 'application/json').end(JSON.stringify(admission))
    seen.add(socket)
  })
}

/** A Redis by HTTP: a command as JSON, and its reply. */
function redisByHttp(): Promise<Listening> {
  return Listening.start((request, response) => {
    const reply = async (): Promise<object> => {
      const command = (await json(request)) as string[]
      return redis.command(...command).then(
        (result) => ({ result }),
        (error: Error) => ({ error: error.message }),
      )
    }
    void reply().then((answer) => response.end(JSON.stringify(answer)))
  })
}

for (const runtime of runtimes) {
  const missing = runtime.tools.filter((tool) => pathOf(tool) === null)
  if (missing.length > 0)
    console.warn(`SKIPPED: the tests in ${runtime.name}, for want of ${missing.join(', ')}`)

  describe.skipIf(missing.length > 0)(`in ${runtime.name}`, () => {
    let started: RuntimeProcess

    beforeAll(async () => {
      started = await RuntimeProcess.start(runtime, project.folder)
    })
    afterAll(() => started?.[Symbol.asyncDispose]())

    it.each(outcomes)('%s', async (scenario, outcome) => {
      expect(await started.run(scenario)).toEqual(outcome)
    })

    it('a reading of the clock is not kept from one request for the next', async () => {
      expect(await started.run('a burst')).toBe(1)
      expect(await started.run('time after a burst')).toBe(true)
    })

    it.each(['fetch', 'hono'])('headgate/%s limits requests by the address of their client', async (app) => {
      const ask = (address: string): Promise<Response> =>
        fetch(`${started.url}/${app}`, { headers: { 'cf-connecting-ip': address } })
      const first = await ask('192.0.2.1')
      expect([first.status, await first.text()]).toEqual([200, 'hello'])
      expect(first.headers.get('ratelimit')).toMatch(/;r=1;t=\d+$/)
      expect((await ask('192.0.2.1')).status).toBe(200)
      const denied = await ask('192.0.2.1')
      expect(denied.status).toBe(429)
      expect(Number(denied.headers.get('retry-after'))).toBeGreaterThan(0)
      expect(await denied.json()).toMatchObject({ status: 429 })
      // Of a process it is the address of the connection.
      expect((await ask('192.0.2.2')).status).toBe(runtime.isProcess ? 429 : 200)
    })

    it('headgate/fetch gives back what failed requests spent', async () => {
      const ask = async (): Promise<number> => {
        const response = await fetch(`${started.url}/failing`, {
          headers: { 'cf-connecting-ip': '192.0.2.1' },
        })
        await response.text()
        return response.status
      }
      expect([await ask(), await ask(), await ask()]).toEqual([500, 500, 500])
    })

    it(`timers ${runtime.isProcess ? 'fire between requests' : 'end with their request'}`, async () => {
      await started.run('a timer')
      expect(await started.run('whether the timer has fired')).toBe(runtime.isProcess)
    })

    it('the service decides', async () => {
      expect(await started.run('the service', { url: service.url, runtime: runtime.name })).toEqual({
        seen: [true, true, true, false],
        refunded: 2,
        waited: false,
        joint: false,
        unknown: 'unknown-policy',
        names: ['api'],
      })
    })

    it('a service that is silent has the time of the deadline', async () => {
      await using odd = await Listening.start(() => {})
      const failure = 'gave no answer within 50 ms'
      expect(await started.run('a service that is silent', { url: odd.url })).toEqual([
        false,
        'closed',
        failure,
      ])
    })

    it('a call that may have spent is sent once, also where its connection breaks', async () => {
      await using odd = await breaking()
      const sources = [
        await started.run('one call', { url: odd.url }),
        await started.run('one call', { url: odd.url }),
      ]
      expect([sources, odd.requests]).toEqual([['store', 'open'], 2])
    })

    it(`a store that can fail is ${runtime.isProcess ? 'guarded' : 'refused'}`, async () => {
      const outcome = runtime.isProcess ? ['fallback', 'store'] : expect.stringContaining('in a Worker')
      expect(await started.run('a store that fails')).toEqual(outcome)
    })

    it('a fetch that keeps to limits asks again when it may', async () => {
      await using server = await Listening.start((_, response) => {
        const isFirst = server.requests === 1
        if (isFirst) response.writeHead(429, { 'retry-after': '1' }).end()
        else response.writeHead(200, { 'x-ratelimit-limit': '9', 'x-ratelimit-remaining': '7' }).end()
      })
      expect(await started.run('a fetch that keeps to limits', { url: server.url })).toEqual([200, 7])
    })

    it('a script decides in a Redis behind HTTP', async () => {
      await using bridge = await redisByHttp()
      const options = { url: bridge.url, runtime: runtime.name }
      expect(await started.run('a script by HTTP', options)).toEqual([
        [true, '1'],
        [true, '0'],
        [false, '0'],
      ])
    })

    it.runIf(runtime.isProcess)('Redis decides', async () => {
      const options = { redis: redis.url, runtime: runtime.name }
      expect(await started.run('redis', options)).toEqual([3, 1, 0, 'store'])
    })
  })
}
