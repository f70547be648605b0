/** Clients that users hand in: `ioredis`, `iovalkey`, `redis`; those of a Cluster and of Sentinel have tests of their own. */

import { Redis } from 'ioredis'
import { Redis as Valkey } from 'iovalkey'
import { createClient } from 'redis'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { type RedisClient, scriptRunner } from '../../src/stores/redis/client.ts'
import { connect } from '../../src/stores/redis/connection/connect.ts'
import { redisStore } from '../../src/stores/redis/index.ts'
import { Started } from '../harness/started.ts'
import { RedisServer } from '../redis-server.ts'

let server: RedisServer
const started = new Started()

beforeAll(async () => {
  server = await RedisServer.start()
})

afterEach(() => started[Symbol.asyncDispose]())

afterAll(() => server.stop())

const clients: Readonly<Record<string, (url: string) => Promise<RedisClient | string>>> = {
  ioredis: async (url) => {
    const client = new Redis(url)
    started.defer(() => client.disconnect())
    return client
  },
  iovalkey: async (url) => {
    const client = new Valkey(url)
    started.defer(() => client.disconnect())
    return client
  },
  redis: async (url) => {
    const client = createClient({ url })
    await client.connect()
    started.defer(() => client.destroy())
    return client
  },
  'a URL': async (url) => url,
}

// As INCR does, by the commands that our scripts may use.
const INCREMENT = `local count = (redis.call('MGET', KEYS[1])[1] or 0) + 1
redis.call('SET', KEYS[1], count)
return count`

describe.each(Object.entries(clients))('a script by %s', (client, open) => {
  const name = `headgate:${client}`
  it('is sent in full to a server that has forgotten it, once, and runs once', async () => {
    const { run, close } = connect(await open(server.url))
    started.defer(close)
    await server.command('SCRIPT', 'FLUSH')
    const sha = String(await server.command('SCRIPT', 'LOAD', INCREMENT))
    const script = { text: INCREMENT, sha }
    await server.command('DEL', name)
    expect(await run(script, [name], [])).toBe(1)
    await server.flushScripts()
    await server.command('CONFIG', 'RESETSTAT')
    expect(await run(script, [name], [])).toBe(2)
    expect(await run(script, [name], [])).toBe(3)
    const calls = String(await server.command('INFO', 'commandstats'))
    expect(calls).toMatch(/cmdstat_eval:calls=1,/)
    expect(calls).toMatch(/cmdstat_evalsha:calls=2,/)
  })
})

describe('a script that is refused', () => {
  const cases: readonly (readonly [string, string[]])[] = [
    ['NOSCRIPT No matching script', ['evalsha', 'eval']],
    ['TRYAGAIN Multiple keys request during rehashing of slot', ['evalsha', 'evalsha']],
    ['LOADING Redis is loading the dataset in memory', ['evalsha']],
    ["READONLY You can't write against a read only replica.", ['evalsha']],
    ['BUSY Redis is busy running a script', ['evalsha']],
    ['CLUSTERDOWN The cluster is down', ['evalsha']],
    ['MOVED 866 127.0.0.1:7000', ['evalsha']],
    ['Command timed out', ['evalsha']],
    ['Connection is closed.', ['evalsha']],
  ]

  it.each(cases)('%s: %j', async (message, expected) => {
    const sent: string[] = []
    const refuse = (name: string) => () => {
      sent.push(name)
      return Promise.reject(new Error(message))
    }
    const run = scriptRunner({ evalsha: refuse('evalsha'), eval: refuse('eval') })
    await expect(run({ text: '', sha: '' }, ['k'], [])).rejects.toThrow(message)
    expect(sent).toEqual(expected)
  })
})

describe('the warning about eviction', () => {
  async function warningsOf(policy: string, memory: string, name: string): Promise<unknown[][]> {
    await server.command('CONFIG', 'SET', 'maxmemory', memory)
    await server.command('CONFIG', 'SET', 'maxmemory-policy', policy)
    const emit = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
    try {
      const store = redisStore((await clients[name]?.(server.url)) ?? '')
      for (let i = 0; i < 3; i++) await store.ping()
      // What was asked in the background is answered by then.
      await new Promise((resolve) => setTimeout(resolve, 50))
      await store.close()
      // Clients here have their default settings, of which there is a warning as well.
      return emit.mock.calls.filter(([, options]) => codeOf(options) === 'HEADGATE_EVICTION')
    } finally {
      emit.mockRestore()
      await server.command('CONFIG', 'SET', 'maxmemory', '0')
    }
  }

  it.each(Object.keys(clients))('is given once by a store of %s', async (name) => {
    const warnings = await warningsOf('allkeys-lru', '100mb', name)
    expect(warnings).toEqual([
      [
        expect.stringMatching(/maxmemory-policy is allkeys-lru; set it to noeviction/),
        {
          type: 'HeadgateWarning',
          code: 'HEADGATE_EVICTION',
          detail: 'docs/reference/warnings.md#headgate_eviction',
        },
      ],
    ])
  })

  it.each([
    ['allkeys-lfu', '100mb', 1],
    ['allkeys-random', '100mb', 1],
    ['volatile-lru', '100mb', 1],
    ['volatile-lfu', '100mb', 1],
    ['volatile-random', '100mb', 1],
    ['volatile-ttl', '100mb', 0],
    ['noeviction', '100mb', 0],
    ['allkeys-lru', '0', 0],
  ])('%s with %s: %i', async (policy, memory, count) => {
    expect((await warningsOf(policy, memory, 'a URL')).length).toBe(count)
  })

  it('is left out where INFO is refused or missing', async () => {
    const answer = async (): Promise<number> => 1
    const refused = async (): Promise<never> => Promise.reject(new Error('NOPERM'))
    await redisStore({ evalsha: answer, eval: answer }).ping()
    await redisStore({ evalsha: answer, eval: answer, info: refused } as RedisClient).ping()
  })
})

function codeOf(options: unknown): string | undefined {
  return (options as { readonly code?: string }).code
}
