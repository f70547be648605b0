/** TLS, Unix sockets and caps of the Redis protocol, by ioredis and by redis-cli where that speaks TLS. */
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ConnectionOptions, connect as connectTls } from 'node:tls'
import { promisify } from 'node:util'
import { Redis, type RedisOptions } from 'ioredis'
import { describe, expect, it, vi } from 'vitest'
import { STALL_MS } from '../../src/transports/resp/limits.ts'
import { CERTIFICATES, pemOf, tlsOf } from '../protocol/secure-listener.ts'
import { RespClient, respServer } from './resp-server.ts'

const { ca, server: pair, client, stranger } = CERTIFICATES
const run = promisify(execFile)
const help = await run('redis-cli', ['--help']).catch((reason: { readonly stderr: string }) => reason)
const speaksTls = JSON.stringify(help).includes('--tls')

/** What ioredis gets for a command on a connection of its own. */
async function askOnce(options: Pick<RedisOptions, 'host' | 'port' | 'path' | 'tls'>): Promise<unknown> {
  const redis = new Redis({ ...options, lazyConnect: true })
  await redis.connect()
  const answer = await redis.call('CL.THROTTLE', 'k', '5', '1', '60')
  await redis.quit()
  return answer
}

/** What comes back for a command over TLS; `'closed'` where nothing does. */
async function pingOnce(port: number, options: ConnectionOptions): Promise<unknown> {
  await using asking = new RespClient(connectTls({ host: '127.0.0.1', port, ...options }))
  return await asking.ask('PING')
}

describe('the Redis protocol with TLS', () => {
  it('is rediss, and answers nobody who does not speak it', async () => {
    await using server = await respServer(undefined, { tls: await tlsOf(pair) })
    const { port } = server
    expect(server.url).toBe(`rediss://127.0.0.1:${port}`)
    expect(await askOnce({ host: '127.0.0.1', port, tls: { ca } })).toEqual([0, 6, 5, -1, 60])
    expect(await pingOnce(port, { ca: CERTIFICATES.wrongCa })).toBe('closed')
    const plain = await RespClient.to(port)
    plain.send('PING')
    expect(await plain.read()).toBe('closed')
  })

  it('takes those with a certificate of the authority for clients, and nobody else', async () => {
    await using server = await respServer(undefined, { tls: await tlsOf(pair, ca) })
    const at = { host: '127.0.0.1', port: server.port }
    expect(await askOnce({ ...at, tls: { ca, ...pemOf(client) } })).toEqual([0, 6, 5, -1, 60])
    expect(await pingOnce(server.port, { ca })).toBe('closed')
    expect(await pingOnce(server.port, { ca, ...pemOf(stranger) })).toBe('closed')
  })

  it.skipIf(!speaksTls)('takes redis-cli --tls (skipped where redis-cli is built without TLS)', async () => {
    await using server = await respServer(undefined, { tls: await tlsOf(pair) })
    const folder = mkdtempSync(join(tmpdir(), 'headgate-tls-'))
    try {
      const caFile = join(folder, 'ca.pem')
      writeFileSync(caFile, ca)
      const args = ['-p', String(server.port), '--tls', '--cacert', caFile, 'PING']
      expect((await run('redis-cli', args)).stdout).toBe('PONG\n')
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  it('cuts off nobody who takes replies, however long that goes on', async () => {
    const tls = await tlsOf(pair)
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    try {
      await using server = await respServer(undefined, { tls })
      const socket = connectTls({ host: '127.0.0.1', port: server.port, ca })
      const asking = new RespClient(socket)
      const big = 'x'.repeat(10_000)
      for (let i = 0; i < 20; i++) {
        expect(await asking.ask('ECHO', big)).toBe(big)
        await vi.advanceTimersByTimeAsync(STALL_MS / 4)
      }
      socket.destroy()
    } finally {
      vi.useRealTimers()
    }
  })
})

describe('the Redis protocol on a Unix socket', () => {
  it('is spoken there as on a port', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'headgate-resp-'))
    try {
      const path = join(folder, 'resp.sock')
      await using server = await respServer(undefined, { address: { path } })
      expect(server.url).toBe(`unix:${path}`)
      expect(await askOnce({ path })).toEqual([0, 6, 5, -1, 60])
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})

describe('connections of the Redis protocol', () => {
  it.each([
    ['in all', { maxConnections: 2 }, 'total'],
    ['of one peer', { maxConnectionsPerPeer: 2 }, 'peer'],
  ] as const)('are capped, %s', async (_, caps, why) => {
    await using server = await respServer(undefined, caps)
    const refused: string[] = []
    server.service.on('connection-refused', ({ reason }) => refused.push(reason))
    const open = [await server.connect(), await server.connect()]
    const third = new RespClient(connect(server.port, '127.0.0.1'))
    expect(await third.read()).toBe('closed')
    expect(refused).toEqual([why])
    open[0]?.socket.destroy()
    await expect.poll(() => server.transport.connections?.()).toBe(1)
    await using fourth = await server.connect()
    expect(await fourth.ask('PING')).toBe('PONG')
  })
})
