/** How servers of Node look after their connections, as far as the fast path depends on it. Nothing here runs code of ours. */
import { once } from 'node:events'
import { createServer, type Server, type ServerOptions } from 'node:http'
import { createServer as createNetServer } from 'node:net'
import { describe, expect, it } from 'vitest'
import { RawClient } from './raw-client.ts'
import { answers, echoTarget, get, listening, targetsIn } from './traps-server.ts'

const HALF = 'GET / HTTP/1.1\r\nhost: a'
const IMPATIENT: ServerOptions = { headersTimeout: 1, requestTimeout: 1, connectionsCheckingInterval: 1 }

/** Waits until an ordinary server with these limits has ended a half request: longer than anybody else would have taken. */
async function untilOneIsCut(): Promise<void> {
  await using server = await listening(createServer(IMPATIENT, echoTarget))
  for (let i = 0; i < 3; i++) {
    await using client = await RawClient.open(server)
    await client.send(HALF)
    expect(await client.ended()).toContain('408')
  }
}

/** A server in front that gives its connections to one which does not listen. */
async function injecting(behind: Server): ReturnType<typeof listening> {
  return listening(createNetServer({ allowHalfOpen: true }, (socket) => behind.emit('connection', socket)))
}

describe('an http.Server that does not listen', () => {
  it('never cuts half a request, until it is told that it listens', async () => {
    const behind = createServer(IMPATIENT, echoTarget)
    await using front = await injecting(behind)
    await using client = await RawClient.open(front)
    await client.send(HALF)
    await untilOneIsCut()
    expect(client.state).toBe('open')
    behind.emit('listening')
    await using late = await RawClient.open(front)
    await late.send(HALF)
    expect(await late.ended()).toContain('408')
    behind.close()
  })

  it('closes no connection by closeIdleConnections and closeAllConnections', async () => {
    const behind = createServer(echoTarget)
    await using front = await injecting(behind)
    await using client = await RawClient.open(front)
    await client.send(get('/a'))
    await client.until(answers(1))
    behind.closeIdleConnections()
    behind.closeAllConnections()
    await client.send(get('/b'))
    expect(targetsIn(await client.until(answers(2)))).toEqual(['[/a]', '[/b]'])
  })
})

describe('an http.Server', () => {
  it.each(['connection', 'listening'])('has one listener of its own for %s', (event) => {
    expect(createServer().listenerCount(event)).toBe(1)
  })

  it('that closes looks for late requests no more: half of one stays until all connections are closed', async () => {
    await using server = await listening(createServer(IMPATIENT, echoTarget))
    server.once('connection', () => server.close())
    await using client = await RawClient.open(server)
    await client.send(HALF)
    await untilOneIsCut()
    expect(client.state).toBe('open')
    server.closeAllConnections()
    await client.ended()
    expect(client.text).toBe('')
  })

  it('drops the answer of a request that waits when the client ends its side', async () => {
    const { promise: asked, resolve: ask } = Promise.withResolvers<() => void>()
    const server = createServer((_, response) => ask(() => response.end('[late]')))
    await using open = await listening(server)
    await using client = await RawClient.open(open)
    await client.send(get('/'))
    const answer = await asked
    client.socket.end()
    await client.ended()
    answer()
    expect(client.text).toBe('')
  })

  it('destroys the socket of what is no request once it has said so', async () => {
    const server = createServer(echoTarget)
    await using open = await listening(server)
    const connected = once(open, 'connection')
    await using client = await RawClient.open(open)
    await client.send('\0\r\n\r\n')
    await client.ended()
    const [socket] = await connected
    expect(socket.destroyed).toBe(true)
  })
})
