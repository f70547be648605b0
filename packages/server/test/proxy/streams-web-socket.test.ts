import { once } from 'node:events'
import { expect, it } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { type ProxyUnderTest, startProxy } from './proxy-under-test.ts'

const OPEN = 'policies: []\nproxy: { webSocket: true }'

/** An application of the package `ws`, which sends back what it gets. */
function echo({ application }: ProxyUnderTest): WebSocketServer {
  const server = new WebSocketServer({ server: application, handleProtocols: () => 'chat' })
  server.on('connection', (socket) => {
    socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }))
  })
  return server
}

async function connected({ url }: ProxyUnderTest): Promise<WebSocket> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/chat?room=1`, 'chat')
  await once(socket, 'open')
  return socket
}

it('carries texts, binary messages, pings and the reason of the end of a client of ws', async () => {
  await using proxy = await startProxy(OPEN)
  const server = echo(proxy)
  const opened = once(server, 'connection')
  const socket = await connected(proxy)
  const [peer, { url }] = await opened
  expect([url, socket.protocol]).toEqual(['/chat?room=1', 'chat'])
  socket.send('grüß dich')
  expect(String((await once(socket, 'message'))[0])).toBe('grüß dich')
  const large = Buffer.alloc(3 * 1024 * 1024, 'binary')
  socket.send(large)
  const [received, isBinary] = await once(socket, 'message')
  expect([large.equals(received), isBinary]).toEqual([true, true])
  socket.ping('are you there?')
  expect(String((await once(socket, 'pong'))[0])).toBe('are you there?')
  socket.close(4001, 'done')
  const [code, reason] = await once(peer, 'close')
  expect([code, String(reason)]).toEqual([4001, 'done'])
  await expect.poll(() => proxy.ended).toMatchObject([{ outcome: 'ok', status: 101 }])
})

it('ends at the application when the client is cut off', async () => {
  await using proxy = await startProxy(OPEN)
  const server = echo(proxy)
  const opened = once(server, 'connection')
  const socket = await connected(proxy)
  const [peer] = await opened
  socket.terminate()
  const [code] = await once(peer, 'close')
  expect(code).toBe(1006)
})

it('is told of a denial as of any response', async () => {
  await using proxy = await startProxy(
    'policies: [{ name: none, key: ip, cost: 2, rules: [1/min] }]\nproxy: { webSocket: true }',
  )
  const server = echo(proxy)
  let connections = 0
  server.on('connection', () => connections++)
  const socket = new WebSocket(proxy.url.replace('http', 'ws'))
  const [, response] = await once(socket, 'unexpected-response')
  expect([response.statusCode, connections]).toEqual([429, 0])
  response.resume()
})
