import { connect as connectTls } from 'node:tls'
import { describe, expect, it } from 'vitest'
import { RedisServer } from '../redis-server.ts'
import { certificates } from './certificates.ts'
import { skipWithoutTmpfs } from './prerequisites.ts'

describe('RedisServer, what takes long, or more than a redis-server', () => {
  it('reads its keys for a while before it answers', async () => {
    await using server = await RedisServer.start()
    await server.command('SET', 'a', '1')
    await server.restartLoading({ loadingMs: 1000 })
    const start = performance.now()
    await expect(server.command('GET', 'a')).rejects.toThrow('LOADING')
    await server.loaded()
    expect(performance.now() - start).toBeGreaterThan(500)
    expect(await server.command('GET', 'a')).toBe('1')
    expect(await server.command('DBSIZE')).toBe(1)
    await server.restart()
    expect(await server.command('GET', 'a')).toBeNull()
  })

  it('has no disk left, and has some again', async ({ skip }) => {
    skipWithoutTmpfs({ skip })
    await using server = await RedisServer.start({ smallDisk: true })
    await server.command('SET', 'a', '1')
    await server.fillDisk()
    await expect(server.command('SET', 'b', '1')).rejects.toThrow('MISCONF')
    expect(await server.command('GET', 'a')).toBe('1')
    await server.freeDisk()
    expect(await server.command('SET', 'b', '1')).toBe('OK')
  })

  it('speaks TLS with a certificate of the right authority, or of a wrong one, or an old one', async () => {
    const { ca, wrongCa, server, expired, wrongHost } = certificates()
    await using good = await RedisServer.start({ tls: server })
    expect(await good.command('PING')).toBe('PONG')
    expect(good.url).toBe(`rediss://127.0.0.1:${good.port}`)
    expect(await tlsGreeting(good.port, ca)).toBe('secure')
    expect(await tlsGreeting(good.port, wrongCa)).toBe('UNABLE_TO_VERIFY_LEAF_SIGNATURE')
    await using old = await RedisServer.start({ tls: expired })
    expect(await tlsGreeting(old.port, ca)).toBe('CERT_HAS_EXPIRED')
    await using foreign = await RedisServer.start({ tls: wrongHost })
    expect(await tlsGreeting(foreign.port, ca)).toBe('ERR_TLS_CERT_ALTNAME_INVALID')
  })

  it('has its keys again after a crash, given an append-only file', async ({ skip }) => {
    skipWithoutTmpfs({ skip })
    await using server = await RedisServer.start({ smallDisk: true, args: ['--appendfsync', 'always'] })
    await server.command('SET', 'a', '1')
    await server.restart()
    expect(await server.command('GET', 'a')).toBe('1')
  })

  it('has another time than this machine, at once', async () => {
    await using server = await RedisServer.start({ skewableClock: true })
    expect(Math.abs(await aheadMs(server))).toBeLessThan(1000)
    await server.command('SET', 'a', '1', 'PX', 60_000)
    server.skewClock(3_600_000)
    expect(await aheadMs(server)).toBeGreaterThan(3_599_000)
    const inScript = await server.command('EVAL', "return redis.call('TIME')[1]", 0)
    expect(Number(inScript) * 1000 - Date.now()).toBeGreaterThan(3_598_000)
    expect(await server.command('GET', 'a')).toBeNull()
    server.skewClock(-3_600_000)
    expect(await aheadMs(server)).toBeLessThan(-3_599_000)
    server.skewClock(0)
    await server.restart()
    expect(Math.abs(await aheadMs(server))).toBeLessThan(1000)
  })
})

async function aheadMs(server: RedisServer): Promise<number> {
  const [seconds, microseconds] = (await server.command('TIME')) as readonly string[]
  return Number(seconds) * 1000 + Number(microseconds) / 1000 - Date.now()
}

/** How a client that trusts this authority gets on: `secure`, or the code of the error. */
function tlsGreeting(port: number, ca: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connectTls({ host: '127.0.0.1', port, ca }, () => {
      socket.destroy()
      resolve('secure')
    })
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
  })
}
