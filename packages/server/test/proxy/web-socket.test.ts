import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { expect, it } from 'vitest'
import { type ProxyUnderTest, startProxy } from './proxy-under-test.ts'

const YAML = 'policies: [{ name: ip, key: ip, rules: [2/min] }]\nproxy: { webSocket: true }'
const UPGRADE = [
  'GET /chat HTTP/1.1',
  'host: a',
  'connection: Upgrade',
  'upgrade: websocket',
  'sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==',
  'sec-websocket-version: 13',
  '',
  '',
].join('\r\n')

/** An application that sends back what it gets. */
function echo(proxy: ProxyUnderTest): Duplex[] {
  const sockets: Duplex[] = []
  proxy.application.on('upgrade', (_, socket, head) => {
    sockets.push(socket)
    socket.on('error', () => {})
    socket.write(
      'HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-accept: x\r\n\r\n',
    )
    if (head.length > 0) socket.write(head)
    socket.pipe(socket)
  })
  return sockets
}

interface Client {
  readonly socket: Socket
  text(): string
}

async function client(proxy: ProxyUnderTest, first: string): Promise<Client> {
  const socket = connect(proxy.port, '127.0.0.1')
  let text = ''
  socket.on('data', (chunk) => (text += chunk.toString('latin1')))
  socket.on('error', () => {})
  await once(socket, 'connect')
  socket.write(first, 'latin1')
  return { socket, text: () => text }
}

const MASKED = '\x81\x82\x00\x00\x00\x00hi'

it('passes everything either way, also what the client sends before the answer', async () => {
  await using proxy = await startProxy(YAML)
  echo(proxy)
  const { socket, text } = await client(proxy, UPGRADE + MASKED)
  await expect.poll(text).toContain(MASKED)
  expect(text()).toMatch(/^HTTP\/1\.1 101 /)
  expect(text()).toContain('sec-websocket-accept: x')
  expect(text()).toContain('ratelimit: "ip/1m";r=1;t=60')
  socket.write('more')
  await expect.poll(text).toContain('more')
  socket.end()
  await expect.poll(() => proxy.ended).toMatchObject([{ outcome: 'ok', status: 101 }])
})

it('stands behind the same gates as any request', async () => {
  await using proxy = await startProxy(YAML)
  const sockets = echo(proxy)
  for (const _ of [1, 2]) await client(proxy, UPGRADE)
  await expect.poll(() => sockets.length).toBe(2)
  expect(await proxy.raw(UPGRADE)).toMatch(/^HTTP\/1\.1 429 /)
  expect(sockets).toHaveLength(2)
})

it('is refused where the route has none, and the application sees nothing', async () => {
  await using proxy = await startProxy('policies: []\nproxy: {}')
  const sockets = echo(proxy)
  expect(await proxy.raw(UPGRADE)).toMatch(/^HTTP\/1\.1 403 /)
  expect([sockets.length, proxy.seen.length]).toEqual([0, 0])
  await expect.poll(() => proxy.ended[0]?.outcome).toBe('upgrade-refused')
})

it('passes on the answer of an application that does not change the protocol', async () => {
  await using proxy = await startProxy(YAML)
  expect(await proxy.raw(UPGRADE)).toMatch(/^HTTP\/1\.1 200 .*hello/s)
})

it('goes on without a change where a client asks for another protocol', async () => {
  await using proxy = await startProxy(YAML)
  const request =
    'GET / HTTP/1.1\r\nhost: a\r\nconnection: Upgrade, HTTP2-Settings, close\r\nupgrade: h2c\r\nhttp2-settings: AAM\r\n\r\n'
  expect(await proxy.raw(request)).toMatch(/^HTTP\/1\.1 200 /)
  expect(proxy.seen[0]?.rawHeaders.map((text) => text.toLowerCase())).not.toContain('upgrade')
})

it('says at a drain that it goes away, between two frames', async () => {
  await using proxy = await startProxy(YAML)
  const sockets = echo(proxy)
  const { socket, text } = await client(proxy, UPGRADE)
  await expect.poll(() => sockets.length).toBe(1)
  const half = '\x82\x04ab'
  sockets[0]?.write(half, 'latin1')
  await expect.poll(text).toContain(half)
  void proxy.transport.drain()
  sockets[0]?.write('cd', 'latin1')
  await expect.poll(text).toContain('abcd\x88\x02\x03\xe9')
  socket.destroy()
})
