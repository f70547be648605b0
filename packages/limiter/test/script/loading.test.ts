/** How a script gets into a server, and again into one that has forgotten it. */
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ScriptCall } from '../../src/script/loaded-script.ts'
import { type ScriptLimiter, scriptLimiter } from '../../src/script/script-limiter.ts'
import { RedisServer } from '../redis-server.ts'
import { fixedWindow, SCRIPTS_OF_USERS } from './reference-scripts.ts'

let server: RedisServer
let client: Redis

beforeAll(async () => {
  server = await RedisServer.start(SCRIPTS_OF_USERS)
  client = new Redis(server.url, { retryStrategy: () => 20 })
  client.on('error', () => {})
})

afterAll(async () => {
  client.disconnect()
  await server.stop()
})

function limiterOf(call: ScriptCall = (command) => client.call(...command)): ScriptLimiter {
  return scriptLimiter({ ...fixedWindow, call, onStoreError: 'closed', deadlineMs: 60_000 })
}

/** How often the server was sent commands since `CONFIG RESETSTAT`. */
async function counts(): Promise<{ load: number; eval: number; evalsha: number }> {
  const stats = String(await server.command('INFO', 'commandstats'))
  const count = (name: string): number =>
    Number(new RegExp(`cmdstat_${name}:calls=(\\d+)`).exec(stats)?.[1] ?? 0)
  return { load: count('script\\|load'), eval: count('eval'), evalsha: count('evalsha') }
}

/** Requests that were seen under the key, this one included. */
async function seen(limiter: ScriptLimiter, key: string): Promise<unknown> {
  const { extra, error } = await limiter.run([key], [10_000, 60])
  return error ?? extra[0]
}

describe('a script', () => {
  it('is loaded once for all first calls, and runs once for each', async () => {
    await server.command('CONFIG', 'RESETSTAT')
    const limiter = limiterOf()
    const all = await Promise.all(Array.from({ length: 200 }, () => seen(limiter, 'once')))
    expect(new Set(all).size).toBe(200)
    expect(await counts()).toEqual({ load: 1, eval: 0, evalsha: 200 })
  })

  it('is sent again after SCRIPT FLUSH, once, and loses no request', async () => {
    const limiter = limiterOf()
    expect(await seen(limiter, 'flush')).toBe(1)
    await server.flushScripts()
    await server.command('CONFIG', 'RESETSTAT')
    expect(await seen(limiter, 'flush')).toBe(2)
    expect(await seen(limiter, 'flush')).toBe(3)
    expect(await counts()).toEqual({ load: 0, eval: 1, evalsha: 2 })
  })

  it('counts every request of many that find it gone', async () => {
    const limiter = limiterOf()
    await limiter.load()
    await server.flushScripts()
    const all = await Promise.all(Array.from({ length: 100 }, () => seen(limiter, 'together')))
    expect(all.toSorted()).toEqual(Array.from({ length: 100 }, (_, i) => i + 1).toSorted())
  })

  it('is sent again to a server that has restarted', async () => {
    const limiter = limiterOf()
    expect(await seen(limiter, 'restart')).toBe(1)
    await server.restart()
    expect(await seen(limiter, 'restart')).toBe(1)
    expect(await seen(limiter, 'restart')).toBe(2)
  })

  it('decides by the server that its own client speaks to', async () => {
    await using other = await RedisServer.start(SCRIPTS_OF_USERS)
    const limiter = limiterOf((command) => other.command(...command))
    expect(await seen(limiterOf(), 'shard')).toBe(1)
    expect(await seen(limiter, 'shard')).toBe(1)
    expect(await seen(limiter, 'shard')).toBe(2)
  })
})

describe('load', () => {
  it('spares the first decision a round trip', async () => {
    const limiter = limiterOf()
    await limiter.load()
    await server.command('CONFIG', 'RESETSTAT')
    await seen(limiter, 'load')
    expect(await counts()).toEqual({ load: 0, eval: 0, evalsha: 1 })
  })

  it('rejects with what the server says of a mistake in the script', async () => {
    const call: ScriptCall = (command) => client.call(...command)
    const limiter = scriptLimiter({ script: 'retrun 1', headers: [], call, onStoreError: 'open' })
    await expect(limiter.load()).rejects.toMatchObject({
      code: 'store-unavailable',
      message: expect.stringMatching(/^The script gave no answer: ERR Error compiling script/),
    })
  })
})
