import { once } from 'node:events'
import { type AddressInfo, createServer, connect as dial, type Socket } from 'node:net'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { TunnelEnd } from '../../src/proxy/upstream/tunnel.ts'
import {
  answer,
  type Fixture,
  type RawServer,
  type Result,
  rawServer,
  type Script,
  send,
  start,
  upstreamFixture,
} from './upstream-fixture.ts'

let fixture: Fixture
let servers: RawServer[]
let sockets: Socket[]

beforeEach(() => {
  fixture = upstreamFixture()
  servers = []
  sockets = []
})

afterEach(async () => {
  fixture.upstreams.close()
  for (const socket of sockets) socket.destroy()
  for (const server of servers) await server.close()
})

async function serve(script: Script): Promise<RawServer> {
  const server = await rawServer(script)
  servers.push(server)
  return server
}

/** Both ends of a connection. */
async function socketPair(): Promise<[Socket, Socket]> {
  const server = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const far = dial({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', allowHalfOpen: true })
  const [near] = (await once(server, 'connection')) as [Socket]
  server.close()
  sockets.push(far, near)
  return [far, near]
}

const SWITCHING =
  'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: WebSocket\r\nSec-WebSocket-Accept: x\r\n\r\n'

const ask = { upgrade: 'websocket', fields: ['host', 'shop.example', 'sec-websocket-key', 'x'] } as const

interface OpenTunnel {
  /** The client's end of its connection. */
  readonly client: Socket
  /** The target's end of its connection. */
  readonly target: Socket
  readonly ends: TunnelEnd[]
  readonly destroy: () => void
}

/** A tunnel to a target that says `greeting` with its head; the client has said `clientHead` with its own. */
async function openTunnel(greeting = '', clientHead = ''): Promise<OpenTunnel> {
  const server = await serve((socket) => socket.write(SWITCHING + greeting))
  const group = fixture.group({ targets: [server.url] })
  const result = await send(group, ask)
  const [client, near] = await socketPair()
  const ends: TunnelEnd[] = []
  const tunnel = group.tunnel({
    client: near,
    clientHead: Buffer.from(clientHead),
    upstream: result.socket as never,
    onEnd: (end) => ends.push(end),
  })
  return { client, target: server.sockets[0] as Socket, ends, destroy: () => tunnel.destroy() }
}

/** What a socket receives, as it grows. */
function received(socket: Socket): { bytes(): Buffer; hasEnded(): boolean; isClosed(): boolean } {
  const chunks: Buffer[] = []
  let isAtEnd = false
  socket.on('data', (chunk: Buffer) => chunks.push(chunk)).on('end', () => (isAtEnd = true))
  return {
    bytes: () => Buffer.concat(chunks),
    hasEnded: () => isAtEnd,
    isClosed: () => socket.destroyed || isAtEnd,
  }
}

describe('a request to change the protocol', () => {
  it('is one for the target, whose fields go on', async () => {
    const server = await serve((socket) => socket.write(SWITCHING))
    const result = await send(fixture.group({ targets: [server.url] }), ask)
    expect(result).toMatchObject({ calls: ['upgrade'], fields: ['sec-websocket-accept', 'x'], failure: null })
    expect(server.received[0]).toContain('\r\nconnection: upgrade\r\nupgrade: websocket\r\n')
    expect(fixture.upstreams.states()[0]?.inFlight).toBe(1)
    result.socket?.destroy()
    await expect.poll(() => fixture.upstreams.states()[0]?.inFlight).toBe(0)
  })

  it('gets an ordinary response where the target does not change it', async () => {
    const server = await serve((socket) => socket.write(answer('no', 'HTTP/1.1 426 X\r\nupgrade: websocket')))
    const result = await send(fixture.group({ targets: [server.url] }), ask)
    expect(result).toMatchObject({ status: 426, body: 'no', socket: null, calls: ['head', 'end'] })
  })

  it('fails where the target changes to another one', async () => {
    const server = await serve((socket) => socket.write(SWITCHING.replace('WebSocket', 'h2c')))
    const result = await send(fixture.group({ targets: [server.url] }), ask)
    expect(result).toMatchObject({ calls: ['failure'], failure: { status: 502, why: 'bad-response' } })
    await expect.poll(() => fixture.upstreams.states()[0]?.inFlight).toBe(0)
  })

  it('takes the place of a connection for as long as the tunnel stands', async () => {
    const server = await serve((socket) => socket.write(SWITCHING))
    const group = fixture.group({ targets: [server.url], connectionsMax: 1 })
    const first = await send(group, ask)
    const second: Result = start(group, ask)
    expect(server.sockets.length).toBe(1)
    first.socket?.destroy()
    await second.ended
    expect(second.calls).toEqual(['upgrade'])
    second.socket?.destroy()
  })
})

describe('a tunnel', () => {
  it('passes what both ends say, from what they said with their heads on', async () => {
    const { client, target, ends } = await openTunnel('welcome', 'hello')
    const [atClient, atTarget] = [received(client), received(target)]
    const pieces = fc.sample(fc.uint8Array({ minLength: 1, maxLength: 100_000, size: 'max' }), 20)
    let [toTarget, toClient] = [Buffer.from('hello'), Buffer.from('welcome')]
    for (const [i, piece] of pieces.entries()) {
      if (i % 2) toTarget = Buffer.concat([toTarget, piece])
      else toClient = Buffer.concat([toClient, piece])
      ;(i % 2 ? client : target).write(piece)
    }
    await expect.poll(() => atTarget.bytes().length).toBe(toTarget.length)
    await expect.poll(() => atClient.bytes().length).toBe(toClient.length)
    expect(atTarget.bytes().equals(toTarget)).toBe(true)
    expect(atClient.bytes().equals(toClient)).toBe(true)
    client.end()
    target.end()
    const [bytesToUpstream, bytesToClient] = [toTarget.length, toClient.length]
    await expect.poll(() => ends).toEqual([{ why: 'closed', bytesToUpstream, bytesToClient }])
  })

  it('goes on in one direction where the other has ended', async () => {
    const { client, target, ends } = await openTunnel()
    const [atClient, atTarget] = [received(client), received(target)]
    target.removeAllListeners('end')
    target.on('end', () => target.write('late'))
    client.end('last')
    await expect.poll(() => atClient.bytes().toString()).toBe('late')
    expect(atTarget.bytes().toString()).toContain('last')
    expect(ends).toEqual([])
    target.end()
    await expect.poll(() => ends).toMatchObject([{ why: 'closed' }])
    expect(atClient.hasEnded()).toBe(true)
  })

  it.each(['client', 'target'] as const)('ends for both where one is gone: the %s', async (which) => {
    const tunnel = await openTunnel()
    const other = received(which === 'client' ? tunnel.target : tunnel.client)
    tunnel[which].resetAndDestroy()
    await expect.poll(() => tunnel.ends).toMatchObject([{ why: 'broken' }])
    await expect.poll(() => other.isClosed()).toBe(true)
    await expect.poll(() => fixture.upstreams.states()[0]?.inFlight).toBe(0)
  })

  it('ends where nobody says anything for a while', async () => {
    const { client, target, ends } = await openTunnel()
    received(target)
    const atClient = received(client)
    fixture.clock.advance('59s')
    target.write('ping')
    await expect.poll(() => atClient.bytes().toString()).toBe('ping')
    fixture.clock.advance('59s')
    expect(ends).toEqual([])
    fixture.clock.advance('2s')
    await expect.poll(() => ends).toMatchObject([{ why: 'idle', bytesToClient: 4 }])
    fixture.clock.advance('1s')
    expect(fixture.clock.pending).toBe(0)
  })

  it('ends after it was made where both ends are closed already', async () => {
    const [client, upstream] = await socketPair()
    client.destroy()
    upstream.destroy()
    await expect.poll(() => client.closed && upstream.closed).toBe(true)
    const ends: TunnelEnd[] = []
    const group = fixture.group()
    group.tunnel({ client, clientHead: Buffer.alloc(0), upstream, onEnd: (end) => ends.push(end) })
    expect(ends).toEqual([])
    await expect.poll(() => ends).toEqual([{ why: 'broken', bytesToUpstream: 0, bytesToClient: 0 }])
    fixture.clock.advance('1s')
    expect(fixture.clock.pending).toBe(0)
  })

  it('ends when it is destroyed', async () => {
    const { client, ends, destroy } = await openTunnel()
    received(client)
    destroy()
    await expect.poll(() => ends).toMatchObject([{ why: 'broken' }])
  })

  it('keeps nothing for an end that does not read', async () => {
    const { client, target } = await openTunnel()
    client.pause()
    let written = 0
    const write = (): void => {
      while (written < 2000 && target.write(Buffer.alloc(65_536))) written++
    }
    target.on('drain', write)
    write()
    let before = -1
    const isStill = (): boolean => {
      const wasWritten = before
      before = written
      return wasWritten === written
    }
    await expect.poll(isStill, { interval: 100 }).toBe(true)
    expect(written).toBeLessThan(1000)
  })
})
