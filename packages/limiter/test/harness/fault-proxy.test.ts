import { connect } from 'node:net'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { RedisServer } from '../redis-server.ts'
import { FaultProxy } from './fault-proxy.ts'
import { callOnce, RedisConnection } from './redis-connection.ts'
import type { Reply } from './resp.ts'
import { until } from './until.ts'

let server: RedisServer
let proxy: FaultProxy
let client: RedisConnection

beforeAll(async () => {
  server = await RedisServer.start({ permissions: 'all' })
})

afterAll(() => server.stop())

beforeEach(async () => {
  await server.command('FLUSHALL')
  proxy = await FaultProxy.start(server.port)
  client = await RedisConnection.open({ port: proxy.port })
})

afterEach(async () => {
  client.close()
  await proxy.close()
  expect(proxy.connections).toBe(0)
})

describe('FaultProxy', () => {
  it('passes on what is said, in its order, and more than fits into buffers', async () => {
    const text = 'x'.repeat(5_000_000)
    const replies = await Promise.all([
      client.call('SET', 'a', text),
      client.call('GET', 'a'),
      client.call('PING'),
    ])
    expect(replies).toEqual(['OK', text, 'PONG'])
  })

  it('forgets a connection that the client has ended', async () => {
    await client.call('PING')
    client.close()
    await until('the proxy has closed both sides', () => proxy.connections === 0)
  })

  it('hangs up when the server does', async () => {
    await client.call('PING')
    await server.killClients()
    await expect(client.call('PING')).rejects.toThrow()
  })

  it('delays each direction, and calls that overlap by no more than one alone', async () => {
    proxy.delay(50)
    const start = performance.now()
    const calls = Array.from({ length: 10 }, (_, index) => client.call('INCR', `key ${index % 2}`))
    expect(await Promise.all(calls)).toEqual([1, 1, 2, 2, 3, 3, 4, 4, 5, 5])
    const tookMs = performance.now() - start
    expect(tookMs).toBeGreaterThan(95)
    // One after the other they would take a second.
    expect(tookMs).toBeLessThan(900)
  })

  it('keeps the order when the delay varies', async () => {
    proxy.delay(1, { jitterMs: 10 })
    const calls = Array.from({ length: 20 }, () => client.call('INCR', 'a'))
    expect(await Promise.all(calls)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1))
  })

  it('throttles', async () => {
    await server.command('SET', 'a', 'x'.repeat(2000))
    proxy.throttle(10_000)
    const start = performance.now()
    await client.call('GET', 'a')
    expect(performance.now() - start).toBeGreaterThan(180)
  })

  it('cuts bytes into slices that still make up the replies', async () => {
    proxy.slice(3)
    await client.call('SET', 'a', 'some words')
    expect(await client.call('GET', 'a')).toBe('some words')
  })

  it('keeps everything to itself in a black hole, and hands it on afterwards', async () => {
    proxy.blackHole()
    const early = client.call('INCR', 'a')
    using late = await RedisConnection.open({ port: proxy.port })
    const answers = Promise.all([early, late.call('PING')])
    expect(await Promise.race([answers, silence(100)])).toBe('silence')
    expect(await server.command('GET', 'a')).toBeNull()
    await proxy.heal()
    expect(await answers).toEqual([1, 'PONG'])
  })

  it('delivers what a client had sent into a black hole before he left', async () => {
    proxy.blackHole()
    const call = client.call('INCR', 'a')
    client.close()
    await expect(call).rejects.toThrow()
    await proxy.heal()
    await until('the command has been applied', async () => (await server.command('GET', 'a')) === '1')
  })

  it('resets connections, and accepts new ones', async () => {
    await client.call('PING')
    const failure = client.call('BLPOP', 'a', 0)
    proxy.reset()
    await expect(failure).rejects.toThrow('ECONNRESET')
    expect(await callOnce({ port: proxy.port }, ['PING'])).toBe('PONG')
  })

  it('refuses new connections until it is healed', async () => {
    proxy.refuse()
    await expect(callOnce({ port: proxy.port }, ['PING'])).rejects.toThrow('ECONNREFUSED')
    expect(await client.call('PING')).toBe('PONG')
    await proxy.heal()
    expect(await callOnce({ port: proxy.port }, ['PING'])).toBe('PONG')
  })

  it('drops one reply, though the command was applied', async () => {
    proxy.dropReply()
    await expect(client.call('INCR', 'a')).rejects.toThrow('closed')
    expect(proxy.repliesToDrop).toBe(0)
    expect(await callOnce({ port: proxy.port }, ['GET', 'a'])).toBe('1')
  })

  it('corrupts what the server answers', async () => {
    proxy.corrupt()
    await expect(client.call('INCR', 'a')).rejects.toThrow('Not a reply of Redis')
    expect(await server.command('GET', 'a')).toBe('1')
  })

  it('corrupts as a test wants it', async () => {
    proxy.corrupt((chunk) => Buffer.from(chunk.toString().replace(':1', ':9')))
    expect(await client.call('INCR', 'a')).toBe(9)
  })

  it('answers garbage, and tells the server nothing', async () => {
    proxy.garbage()
    await expect(client.call('INCR', 'a')).rejects.toThrow('Not a reply of Redis')
    expect(await server.command('GET', 'a')).toBeNull()
  })

  it('leaves nothing behind when it is closed with bytes on their way', async () => {
    proxy.delay(60_000)
    const call: Promise<Reply> = client.call('PING')
    await until('the proxy has accepted', () => proxy.connections === 1)
    await proxy.close()
    await expect(call).rejects.toThrow()
  })

  it('does not read on while nobody takes what it has', async () => {
    await client.call('PING')
    proxy.blackHole()
    const socket = connect(proxy.port, '127.0.0.1')
    await until('the buffers of the system are full', () => {
      for (let mebibytes = 0; mebibytes < 4; mebibytes++) socket.write(Buffer.alloc(1 << 20))
      return socket.writableLength > 32 << 20
    })
    socket.destroy()
  })
})

/** So long must nothing come: the absence of an answer has no event to wait for. */
function silence(ms: number): Promise<'silence'> {
  return new Promise((resolve) => setTimeout(() => resolve('silence'), ms))
}
