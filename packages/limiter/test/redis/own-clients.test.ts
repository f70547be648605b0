/** Clients that the store opens itself, on real servers. */
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import type { Receipt } from '../../src/core/receipt.ts'
import { createLimiter } from '../../src/create-limiter.ts'
import { connect } from '../../src/stores/redis/connection/connect.ts'
import { type RedisConnectionOptions, type RedisStore, redisStore } from '../../src/stores/redis/index.ts'
import { admitDocumentedUser, refusals } from '../documented-user.ts'
import { certificates } from '../harness/certificates.ts'
import { FaultProxy } from '../harness/fault-proxy.ts'
import { skipWithoutTls } from '../harness/prerequisites.ts'
import { Started } from '../harness/started.ts'
import { until } from '../harness/until.ts'
import { RedisServer } from '../redis-server.ts'

const started = new Started()

afterEach(() => started[Symbol.asyncDispose]())

async function serverOf(...given: Parameters<typeof RedisServer.start>): Promise<RedisServer> {
  const server = await RedisServer.start(...given)
  started.defer(() => server.stop())
  return server
}

async function proxyOf(server: RedisServer): Promise<FaultProxy> {
  const proxy = await FaultProxy.start(server.port)
  started.defer(() => proxy.close())
  return proxy
}

function storeOf(given: string | RedisConnectionOptions): RedisStore {
  const store = redisStore(given)
  started.defer(() => store.close())
  return store
}

async function ours(server: RedisServer): Promise<string[]> {
  const lines = String(await server.command('CLIENT', 'LIST')).split('\n')
  return lines.filter((line) => line.includes(' name=headgate '))
}

/** Resolves once the store answers again. */
async function recovery(store: RedisStore): Promise<void> {
  await until('the store answers', () => store.ping().then(() => true))
}

/** Asks all that a limiter can ask, alone and together. */
async function useAll(store: RedisStore): Promise<void> {
  const lease = { max: 10, lifetime: '1s' }
  for (const algorithm of ['token-bucket', 'sliding-window', 'fixed-window', 'sliding-log']) {
    for (const rules of [[{ algorithm, limit: '50/s' }], [{ algorithm, limit: '50/s' }, '90/min']]) {
      const policies = [{ name: `${algorithm}-${rules.length}`, rules, lease }]
      const limiter = createLimiter({ policies, store })
      const { receipt } = await limiter.consume('a')
      await Promise.all(['a', 'b', 'b', 'c'].map((key) => limiter.consume(key)))
      await limiter.consume('a')
      await limiter.peek('a')
      await limiter.charge('a', 60)
      await limiter.refund(receipt as Receipt)
      await limiter.credit('a', 2)
      await limiter.reset('a')
      await limiter.close()
    }
  }
}

describe('a store of a URL or options', () => {
  it('opens nothing before the first call, and one connection then', async () => {
    const server = await serverOf()
    const store = storeOf(server.url)
    await sleep(100)
    expect(await ours(server)).toEqual([])
    await Promise.all([store.ping(), store.ping()])
    expect((await ours(server)).length).toBe(1)
    await store.close()
    await until('it is closed', async () => (await ours(server)).length === 0)
    await expect(store.ping()).rejects.toMatchObject({ code: 'store-unavailable' })
  })

  it('stays closed when it is closed before the first call, or during it', async () => {
    const server = await serverOf()
    const unused = storeOf(server.url)
    await unused.close()
    await expect(unused.ping()).rejects.toMatchObject({ code: 'store-unavailable' })
    const store = storeOf(server.url)
    const first = store.ping()
    await store.close()
    await expect(first).rejects.toMatchObject({ code: 'store-unavailable' })
    expect(await ours(server)).toEqual([])
  })

  it('opens as many connections as it is told, and keeps calls of one key on one of them', async () => {
    const server = await serverOf({ permissions: 'all' })
    const { run, close } = connect({ url: server.url, connections: 3 })
    started.defer(close)
    const text = "redis.call('APPEND', KEYS[1], ARGV[1]) return 1"
    const script = { text, sha: String(await server.command('SCRIPT', 'LOAD', text)) }
    const keys = Array.from({ length: 20 }, (_, i) => `k${i}`)
    for (const key of keys) await run(script, [key], [''])
    expect((await ours(server)).length).toBe(3)
    const digits = '0123456789'.repeat(10)
    await Promise.all(keys.flatMap((key) => Array.from(digits, (digit) => run(script, [key], [digit]))))
    for (const key of keys) expect(await server.command('GET', key)).toBe(digits)
  })

  it('speaks TLS with a server that it trusts, and with no other', async ({ skip }) => {
    skipWithoutTls({ skip })
    const { ca, wrongCa, server: tls, wrongHost } = certificates()
    const server = await serverOf({ tls })
    await storeOf({ url: server.url, tls: { ca } }).ping()
    await storeOf({ url: server.url.replace('127.0.0.1', 'localhost'), tls: { ca } }).ping()
    await storeOf({ host: '127.0.0.1', port: server.port, tls: { ca } }).ping()
    await expect(storeOf({ url: server.url, tls: { ca: wrongCa } }).ping()).rejects.toThrow(/certificate/)
    await expect(storeOf(server.url).ping()).rejects.toThrow(/certificate/)
    const other = await serverOf({ tls: wrongHost })
    await expect(storeOf({ url: other.url, tls: { ca } }).ping()).rejects.toThrow(/altnames/)
  })

  it('is a user of the access control list', async () => {
    const server = await serverOf({ user: { name: 'alice', password: 'p@ss w/:rd' } })
    const place = `127.0.0.1:${server.port}`
    await storeOf(`redis://alice:p%40ss%20w%2F%3Ard@${place}`).ping()
    await storeOf({ url: `redis://${place}`, username: 'alice', password: 'p@ss w/:rd' }).ping()
    await expect(storeOf(`redis://alice:wrong@${place}`).ping()).rejects.toThrow(
      'Redis did not decide: WRONGPASS',
    )
    await expect(storeOf(`redis://${place}`).ping()).rejects.toThrow('NOAUTH')
  })

  it('needs no more permissions than are documented', async () => {
    const server = await serverOf()
    const store = storeOf(`${await admitDocumentedUser(server, 'a database other than 0')}/2`)
    await store.ping()
    await useAll(store)
    await sleep(50)
    expect(await refusals(server)).toEqual([])
    expect(await ours(server)).toEqual([expect.stringMatching(/ db=2 .* user=headgate /)])
  })

  it('uses the database of its number, and no other when it may not', async () => {
    const server = await serverOf({ permissions: ['a database other than 0'] })
    await storeOf(`${server.url}/3`).ping()
    expect(await ours(server)).toEqual([expect.stringContaining(' db=3 ')])
    await expect(storeOf(`${server.url}/99`).ping()).rejects.toThrow('out of range')
    expect(await server.command('DBSIZE')).toBe(0)
  })

  it('speaks through a Unix socket', async () => {
    const server = await serverOf({ unixSocket: true, permissions: ['a database other than 0'] })
    await storeOf(`unix://${server.socketPath}`).ping()
    await storeOf(`redis+unix://${server.socketPath}?db=2`).ping()
    await storeOf({ path: server.socketPath, db: 2 }).ping()
    expect((await ours(server)).every((line) => line.includes('.sock'))).toBe(true)
  })

  it('says that a server does not answer which connects', async () => {
    const server = await serverOf()
    const store = storeOf(server.url)
    await store.ping()
    server.freeze()
    await expect(storeOf(server.url).ping()).rejects.toThrow('connected, but the server does not answer')
    server.resume()
    // What it asked about eviction may have lain there for the second after which a connection is given up.
    await recovery(store)
  })

  it('asks again for a password that was refused', async () => {
    const server = await serverOf({ user: { name: 'alice', password: 'first' } })
    let password = 'first'
    let asked = 0
    const store = storeOf({
      host: '127.0.0.1',
      port: server.port,
      username: 'alice',
      password: async () => {
        asked++
        return password
      },
    })
    expect(asked).toBe(0)
    await Promise.all([store.ping(), store.ping()])
    expect(asked).toBe(1)
    password = await server.rotatePassword()
    await store.ping()
    await server.killClients()
    await recovery(store)
    expect(asked).toBeGreaterThan(1)
    expect(asked).toBeLessThan(5)
  })

  it('says why there is no password, and asks again later', async () => {
    const server = await serverOf({ user: { name: 'alice', password: 'first' } })
    let asked = 0
    const store = storeOf({
      url: server.url,
      password: () => {
        if (asked++ === 0) throw new Error('the vault is sealed')
        return 'first'
      },
    })
    await expect(store.ping()).rejects.toThrow('the vault is sealed')
    await expect(store.ping()).rejects.toThrow('the vault is sealed')
    await recovery(store)
    expect(asked).toBe(2)
  })
})

describe('a store of a URL, when the server fails', () => {
  it('says why, and recovers by itself', async () => {
    const server = await serverOf()
    const store = storeOf(server.url)
    await server.crash()
    await expect(store.ping()).rejects.toThrow('ECONNREFUSED')
    await server.restart()
    await recovery(store)
    await server.crash()
    await expect(store.ping()).rejects.toMatchObject({ code: 'store-unavailable' })
    await server.restart()
    await recovery(store)
  })

  it('fails at once while there is no connection', async () => {
    const server = await serverOf()
    const proxy = await proxyOf(server)
    const store = storeOf(proxy.url)
    await store.ping()
    proxy.refuse()
    proxy.reset()
    await expect(store.ping()).rejects.toMatchObject({ code: 'store-unavailable' })
    for (let i = 0; i < 10; i++) {
      let failure: unknown
      void store.ping().catch((reason: unknown) => {
        failure = reason
      })
      // Before anything else can happen in this process.
      await new Promise(setImmediate)
      expect(failure).toMatchObject({ code: 'store-unavailable' })
      await sleep(30)
    }
    await proxy.heal()
    await recovery(store)
  })

  it('leaves a connection that says nothing', async () => {
    const server = await serverOf()
    const proxy = await proxyOf(server)
    const store = storeOf(proxy.url)
    await store.ping()
    proxy.blackHole()
    await expect(store.ping()).rejects.toThrow('Redis did not decide')
    await sleep(500)
    await proxy.heal()
    await recovery(store)
  })

  it('recovers from a server that hangs', async () => {
    const server = await serverOf()
    const store = storeOf(server.url)
    await store.ping()
    server.freeze()
    await expect(store.ping()).rejects.toThrow('Redis did not decide')
    await sleep(700)
    server.resume()
    await recovery(store)
  })

  it('sends nothing again when a reply is lost', async () => {
    const server = await serverOf({ permissions: 'all' })
    const proxy = await proxyOf(server)
    const { run, close } = connect(proxy.url)
    started.defer(close)
    const text = "return redis.call('INCR', KEYS[1])"
    const script = { text, sha: String(await server.command('SCRIPT', 'LOAD', text)) }
    expect(await run(script, ['n'], [])).toBe(1)
    proxy.dropReply()
    await expect(run(script, ['n'], [])).rejects.toThrow()
    await until('it is back', () => run(script, ['m'], []).then(() => true))
    expect(await server.command('GET', 'n')).toBe('2')
  })

  it.each([
    ['yes', 'READONLY'],
    ['no', 'MASTERDOWN'],
  ])('leaves a server that was made a replica, with replica-serve-stale-data %s', async (serves, code) => {
    const server = await serverOf({ args: ['--replica-serve-stale-data', serves] })
    const store = storeOf(server.url)
    await store.ping()
    const [before] = await ours(server)
    await server.demote()
    await expect(store.ping()).rejects.toThrow(code)
    await until('it has left', async () => {
      const [after] = await ours(server)
      return idOf(after) !== idOf(before)
    })
    await server.promote()
    await recovery(store)
  })

  it('waits out a server that reads its keys', async () => {
    const server = await serverOf()
    const store = storeOf(server.url)
    await store.ping()
    await server.restartLoading({ loadingMs: 1000 })
    await expect(store.ping()).rejects.toMatchObject({ code: 'store-unavailable' })
    await server.loaded()
    await recovery(store)
  })
})

function idOf(line: string | undefined): string {
  return /id=(\d+)/.exec(line ?? '')?.[1] ?? ''
}
