/** The connection of a store's own, through faults: on real servers, and on one that says what a test tells it. */
import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import type { RedisConnectionOptions } from '../../src/stores/redis/connection/connection-options.ts'
import { PasswordSource } from '../../src/stores/redis/connection/password.ts'
import { ServerClient } from '../../src/stores/redis/connection/server-client.ts'
import { BYTES_MAX, CALLS_MAX } from '../../src/stores/redis/connection/session.ts'
import { FaultProxy } from '../harness/fault-proxy.ts'
import type { RedisServerOptions } from '../harness/redis-setup.ts'
import { Started } from '../harness/started.ts'
import { until } from '../harness/until.ts'
import { RedisServer } from '../redis-server.ts'

const ECHO = 'return ARGV'
const COUNT = "return redis.call('INCR', KEYS[1])"
type Found = (error: null, addresses: { address: string; family: number }[]) => void

const started = new Started()

afterEach(() => started[Symbol.asyncDispose]())

async function serverOf(given: RedisServerOptions = {}): Promise<RedisServer> {
  // What a connection is asked here are scripts of these tests.
  const server = await RedisServer.start({ permissions: 'all', ...given })
  started.defer(() => server.stop())
  return server
}

async function proxied(): Promise<{ server: RedisServer; proxy: FaultProxy; client: ServerClient }> {
  const server = await serverOf()
  const proxy = await FaultProxy.start(server.port)
  started.defer(() => proxy.close())
  return { server, proxy, client: await readyClient({ host: '127.0.0.1', port: proxy.port }) }
}

function clientOf(options: RedisConnectionOptions, password?: string): ServerClient {
  const client = new ServerClient(options, new PasswordSource(password))
  client.on('error', () => {})
  started.defer(() => client.disconnect())
  return client
}

async function readyClient(options: RedisConnectionOptions): Promise<ServerClient> {
  const client = clientOf(options)
  await client.connect()
  return client
}

function isReady(client: ServerClient): Promise<true> {
  return until('it is ready again', () => client.status === 'ready' || null)
}

/** Numbered calls, each of which must have its own answer or none; returns how many had it. */
async function answered(client: ServerClient, from: number, count: number): Promise<number> {
  const numbers = Array.from({ length: count }, (_, i) => from + i)
  const replies = await Promise.allSettled(numbers.map((n) => client.eval(ECHO, 0, `call ${n}`, 'é€😀', '')))
  const fulfilled = replies.flatMap((reply, i) => (reply.status === 'fulfilled' ? [[reply.value, i]] : []))
  for (const [value, i] of fulfilled) expect(value).toEqual([`call ${from + Number(i)}`, 'é€😀', ''])
  return fulfilled.length
}

describe('a client', () => {
  it('answers calls in their order, in pieces of any size', async () => {
    const { proxy, client } = await proxied()
    for (const largest of [1, 3, 100]) {
      proxy.slice(largest)
      expect(await answered(client, largest * 1000, 100)).toBe(100)
    }
  })

  it('has no answer of one call for another while a network does its worst', async () => {
    const { proxy, client } = await proxied()
    for (const [at, fault] of (
      ['slice', 'reset', 'dropReply', 'garbage', 'corrupt', 'none'] as const
    ).entries()) {
      for (let round = 0; round < 5; round++) {
        await isReady(client)
        const half = answered(client, at * 1000 + round * 100, 50)
        if (fault === 'slice') proxy.slice(7)
        else if (fault === 'corrupt') proxy.corrupt()
        else if (fault !== 'none') proxy[fault]()
        const rest = answered(client, at * 1000 + round * 100 + 50, 50)
        const counts = [await half, await rest]
        await proxy.heal()
        if (fault === 'slice' || fault === 'none') expect(counts).toEqual([50, 50])
      }
    }
    await isReady(client)
    expect(await answered(client, 0, 50)).toBe(50)
  })

  it('fails all calls at once when the connection breaks, sends none again, and connects again', async () => {
    const { server, proxy, client } = await proxied()
    proxy.blackHole()
    const calls = Array.from({ length: 20 }, () => client.eval(COUNT, 1, 'n'))
    await sleep(20)
    proxy.reset()
    const outcomes = await Promise.allSettled(calls)
    // And not because nothing came for a second.
    for (const call of outcomes)
      expect(call).toMatchObject({
        status: 'rejected',
        reason: { message: expect.not.stringContaining('1000 ms') },
      })
    await expect(client.eval(COUNT, 1, 'n')).rejects.toThrow('there is no connection')
    await proxy.heal()
    await isReady(client)
    const sent = (await client.eval(COUNT, 1, 'n')) as number
    await sleep(50)
    expect(await server.command('GET', 'n')).toBe(String(sent))
    expect(sent).toBeLessThanOrEqual(21)
  })

  it('gives up a connection that says nothing while calls wait, and none that is idle', async () => {
    const { server, proxy, client } = await proxied()
    await sleep(1400)
    expect(client.status).toBe('ready')
    proxy.blackHole()
    const start = performance.now()
    await expect(client.eval(ECHO, 0)).rejects.toThrow('nothing came from the server for 1000 ms')
    expect(performance.now() - start).toBeGreaterThan(950)
    await proxy.heal()
    await isReady(client)
    expect(await server.command('PING')).toBe('PONG')
  })

  it('does not blame the server for the time in which this process was busy', async () => {
    const server = await serverOf()
    const client = await readyClient({ host: '127.0.0.1', port: server.port })
    const call = client.eval(ECHO, 0, 'a')
    await sleep(0)
    const until = performance.now() + 1300
    while (performance.now() < until);
    expect(await call).toEqual(['a'])
  })

  it('queues no more than it is meant to', async () => {
    const { proxy, client } = await proxied()
    proxy.blackHole()
    const calls = Array.from({ length: CALLS_MAX }, () => client.eval(ECHO, 0).catch(() => 'failed'))
    await expect(client.eval(ECHO, 0)).rejects.toThrow('nothing more is queued')
    proxy.reset()
    await Promise.all(calls)
    await proxy.heal()
    await isReady(client)
    await expect(client.eval(ECHO, 0, 'x'.repeat(BYTES_MAX))).rejects.toThrow('nothing more is queued')
    expect(await client.eval(ECHO, 0, 'a')).toEqual(['a'])
  })

  it('logs in when there is no user, and with a password where none is needed', async () => {
    const open = await serverOf()
    await clientOf({ host: '127.0.0.1', port: open.port }, 'needless').connect()
    const server = await serverOf({ user: { name: 'default', password: 'pass' } })
    await clientOf({ host: '127.0.0.1', port: server.port }, 'pass').connect()
    await expect(clientOf({ host: '127.0.0.1', port: server.port }, 'wrong').connect()).rejects.toThrow(
      'WRONGPASS',
    )
  })

  it('is ready once the server has read its keys, on the connection that it has', async () => {
    const server = await serverOf()
    await server.restartLoading({ loadingMs: 600 })
    const client = clientOf({ host: '127.0.0.1', port: server.port })
    let errors = 0
    client.on('error', () => errors++)
    const connecting = client.connect()
    await until('it has connected', () => client.status === 'connect' || null)
    await expect(client.eval(ECHO, 0)).rejects.toThrow('there is no connection')
    await connecting
    expect(await client.eval(ECHO, 0, 'a')).toEqual(['a'])
    expect(errors).toBe(0)
  })

  it('says why none of the addresses of a host answers', async () => {
    const addresses = [
      { address: '127.0.0.1', family: 4 },
      { address: '127.0.0.2', family: 4 },
    ]
    const tls = { lookup: (_name: string, _options: object, found: Found) => found(null, addresses) }
    await expect(clientOf({ host: 'two', port: 1, tls }).connect()).rejects.toThrow('ECONNREFUSED')
  })

  it('connects no more once it was told to disconnect, at any stage', async () => {
    const server = await serverOf()
    const place = { host: '127.0.0.1', port: server.port }
    const ready = await readyClient(place)
    const call = ready.eval(ECHO, 0)
    ready.disconnect()
    await expect(call).rejects.toThrow('the connection was closed')
    const connecting = clientOf(place)
    const attempt = connecting.connect()
    connecting.disconnect()
    await expect(attempt).rejects.toThrow('the connection was closed')
    const waiting = clientOf({ host: '127.0.0.1', port: 1 })
    await expect(waiting.connect()).rejects.toThrow('ECONNREFUSED')
    waiting.disconnect()
    await sleep(300)
    expect([ready.status, connecting.status, waiting.status]).toEqual(['end', 'end', 'end'])
    expect(String(await server.command('CLIENT', 'LIST'))).not.toContain('name=headgate')
  })
})

describe('a client to what is no Redis', () => {
  it.each([
    ['HTTP/1.1 400 Bad Request\r\n\r\n', 'which is no reply of Redis'],
    [`*1\r\n$${2 ** 31}\r\n`, 'larger than'],
    ['+OK\r\n+OK\r\n+OK\r\n', 'a reply without a command'],
  ])('ends when it hears %j', async (words, message) => {
    const { port } = await fakeServer((socket) => socket.write(words))
    await expect(clientOf({ host: '127.0.0.1', port }).connect()).rejects.toThrow(message)
  })

  it('ends when the other side only hangs up', async () => {
    const { port } = await fakeServer((socket) => socket.end())
    await expect(clientOf({ host: '127.0.0.1', port }).connect()).rejects.toThrow('closed the connection')
  })
})

/** A server that says what `react` writes. */
async function fakeServer(react: (socket: Socket) => unknown): Promise<{ port: number }> {
  const sockets = new Set<Socket>()
  const server: Server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {}).on('data', () => react(socket))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  started.defer(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port was given')
  return { port: address.port }
}
