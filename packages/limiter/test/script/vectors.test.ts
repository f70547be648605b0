/** The vectors of PlugLimit's contract, by scripts of ours on a real Redis, with each client. */
import { Redis } from 'ioredis'
import { Redis as Valkey } from 'iovalkey'
import { createClient } from 'redis'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { ScriptCall } from '../../src/script/loaded-script.ts'
import { type ScriptLimiter, scriptLimiter } from '../../src/script/script-limiter.ts'
import { Started } from '../harness/started.ts'
import { RedisServer } from '../redis-server.ts'
import { fixedWindow, SCRIPTS_OF_USERS, tokenBucket } from './reference-scripts.ts'

let server: RedisServer
const started = new Started()

beforeAll(async () => {
  server = await RedisServer.start(SCRIPTS_OF_USERS)
})

afterEach(() => started[Symbol.asyncDispose]())

afterAll(() => server.stop())

const clients: Readonly<Record<string, (url: string) => Promise<ScriptCall>>> = {
  ioredis: async (url) => {
    const client = new Redis(url)
    started.defer(() => client.disconnect())
    return (command) => client.call(...command)
  },
  iovalkey: async (url) => {
    const client = new Valkey(url)
    started.defer(() => client.disconnect())
    return (command) => client.call(...command)
  },
  redis: async (url) => {
    const client = createClient({ url })
    await client.connect()
    started.defer(() => client.destroy())
    return (command) => client.sendCommand(command)
  },
}

/** Allowed or not, and the values of the header fields in their order. */
async function told(limiter: ScriptLimiter, key: string, args: number[]): Promise<unknown[]> {
  const { allowed, headers } = await limiter.run([key], args)
  return [allowed, ...Object.values(headers)]
}

describe.each(Object.entries(clients))('with %s', (name, open) => {
  const limiterOf = async (script: typeof fixedWindow): Promise<ScriptLimiter> => {
    const call = await open(server.url)
    return scriptLimiter({ ...script, call, onStoreError: 'closed', deadlineMs: 60_000, onError: () => {} })
  }

  it('a fixed window of [3, 60] allows three and denies the fourth', async () => {
    const limiter = await limiterOf(fixedWindow)
    const now = 1_800_000_000_000
    const call = (): Promise<unknown[]> => told(limiter, `fixed:${name}`, [3, 60, now])
    expect(await call()).toEqual([true, '3', '60', '2'])
    expect(await call()).toEqual([true, '3', '60', '1'])
    expect(await call()).toEqual([true, '3', '60', '0'])
    expect(await call()).toEqual([false, '3', '60', '0'])
  })

  it('a token bucket of [5, 2, 3] allows its burst, and one more after a second', async () => {
    const limiter = await limiterOf(tokenBucket)
    const now = 1_800_000_000_000
    const call = (at: number): Promise<unknown[]> => told(limiter, `bucket:${name}`, [5, 2, 3, at])
    const limit = '5 5;w=2;burst=3;policy=token_bucket'
    expect(await call(now)).toEqual([true, limit, '2', '4'])
    expect(await call(now)).toEqual([true, limit, '2', '3'])
    expect(await call(now)).toEqual([true, limit, '2', '2', '1'])
    expect(await call(now)).toEqual([false, limit, '2', '2', '1'])
    expect(await call(now + 999)).toEqual([false, limit, '2', '2', '1'])
    expect(await call(now + 1000)).toEqual([true, limit, '1', '1', '1'])
  })

  it('hands on what the script replies behind the header values', async () => {
    const limiter = await limiterOf(fixedWindow)
    for (const seen of [1, 2, 3]) {
      const decision = await limiter.run([`extra:${name}`], [2, 60])
      expect(decision).toMatchObject({ allowed: seen <= 2, source: 'store', extra: [seen], error: null })
    }
  })

  it('a fixed window of [0, 60] denies the first', async () => {
    const limiter = await limiterOf(fixedWindow)
    expect(await told(limiter, `none:${name}`, [0, 60, 1_800_000_000_000])).toEqual([false, '0', '60', '0'])
  })

  it('says what an error reply of the script says', async () => {
    const limiter = await limiterOf(tokenBucket)
    const { allowed, reason, error } = await limiter.run(['k'], [3, 60, 5])
    expect([allowed, reason]).toEqual([false, 'store-unavailable'])
    expect(error?.message).toMatch(/limit 3 and burst 5 are no token bucket/)
  })
})
