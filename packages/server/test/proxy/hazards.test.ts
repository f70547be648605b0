/** What strangers did to the proxy that it did not expect; each is a defect that is mended. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type ProxyUnderTest, startProxy } from './proxy-under-test.ts'

const ASKS = 'Host: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\r\n'
const H2C = 'Host: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AA\r\n'

let proxy: ProxyUnderTest
let waiting: (() => void)[]
const sockets: Socket[] = []
beforeEach(async () => {
  waiting = []
  proxy = await startProxy(
    `policies: []
proxy: { webSocket: true, routes: [{ path: /plain, webSocket: false }] }`,
    {
      answer: ({ url }, response) => {
        if (url === '/slow') waiting.push(() => response.end('late'))
        else response.end('hello')
      },
    },
  )
  // The application leaves those that want to change the protocol without an answer.
  proxy.application.on('upgrade', (message, socket: Socket) => {
    proxy.seen.push({ method: 'GET', url: message.url ?? '', rawHeaders: [], body: Buffer.alloc(0) })
    sockets.push(socket)
  })
})
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy()
  await proxy[Symbol.asyncDispose]()
})

function open(text: string): Socket {
  const socket = connect(proxy.port, '127.0.0.1')
  sockets.push(socket)
  socket.on('error', () => {})
  socket.resume().write(text)
  return socket
}

async function reads(socket: Socket): Promise<string> {
  let text = ''
  socket.on('data', (piece) => {
    text += piece.toString('latin1')
  })
  await once(socket, 'close')
  return text
}

/** The proxy goes on, which it would not after an error that nobody handles. */
async function expectServing(): Promise<void> {
  expect(await (await fetch(proxy.url)).text()).toBe('hello')
}

describe('I-46 a client that wants to change the protocol', () => {
  it('may reset the connection before the application has answered', async () => {
    const socket = open(`GET /ws HTTP/1.1\r\n${ASKS}`)
    await expect.poll(() => proxy.seen.length).toBe(1)
    socket.resetAndDestroy()
    await expect.poll(() => proxy.ended).toMatchObject([{ outcome: 'client-gone' }])
    await expectServing()
  })

  it('is refused while it waits for the response before', async () => {
    const socket = open(`GET /slow HTTP/1.1\r\nHost: a\r\n\r\nGET /ws HTTP/1.1\r\n${ASKS}`)
    const text = reads(socket)
    await expect.poll(() => waiting.length).toBe(1)
    waiting[0]?.()
    expect([...(await text).matchAll(/HTTP\S* (\d+)/g)].map(([, status]) => status)).toEqual(['200', '403'])
    expect(proxy.seen.map(({ url }) => url)).toEqual(['/slow'])
    await expectServing()
  })

  it('is let go of where it is refused, also with something behind the head that nobody reads', async () => {
    const socket = open(`GET /plain HTTP/1.1\r\n${ASKS}${'x'.repeat(200_000)}`)
    expect(await reads(socket)).toMatch(/^HTTP\/1\.1 403 /)
    await expect.poll(() => proxy.ended).toMatchObject([{ outcome: 'upgrade-refused' }])
    expect(proxy.seen).toEqual([])
    expect(proxy.transport.connections?.()).toBe(0)
  })

  it('to HTTP/2 is answered by HTTP/1.1, and the connection closes: what came along behind is lost', async () => {
    const hidden = 'GET /hidden HTTP/1.1\r\nHost: a\r\n\r\n'
    const socket = open(`GET /a HTTP/1.1\r\n${H2C}\r\n${hidden}`)
    const text = await reads(socket)
    expect(text).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
    expect(text).toMatch(/^connection: close\r$/im)
    expect(proxy.seen.map(({ url }) => url)).toEqual(['/a'])
  })

  it.each(['Content-Length: 5\r\n\r\nhello', 'Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n'])(
    'to HTTP/2 may have a body: %j',
    async (rest) => {
      expect(await reads(open(`POST /a HTTP/1.1\r\n${H2C}${rest}`))).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
      expect(proxy.seen.map(({ body }) => String(body))).toEqual(['hello'])
    },
  )

  // Node takes `chunked` and a tab for no chunks at all where a request asks for another protocol.
  it('I-40 has nothing served that hides in chunks which the parser does not see', async () => {
    const socket = open(`POST /a HTTP/1.1\r\n${H2C}Transfer-Encoding: chunked\t\r\n\r\n`)
    const closed = once(socket, 'close')
    await expect.poll(() => proxy.seen.length).toBe(1)
    socket.write('GET /hidden HTTP/1.1\r\nHost: a\r\n\r\n')
    await closed
    expect(proxy.seen.map(({ url, body }) => [url, String(body)])).toEqual([['/a', '']])
  })
})

describe('I-54 a client that asks for a tunnel', () => {
  const CONNECT = 'CONNECT other.example:443 HTTP/1.1\r\nHost: other.example\r\n\r\n'

  it('is refused, and that is told', async () => {
    expect(await reads(open(CONNECT))).toMatch(/^HTTP\/1\.1 405 /)
    await expect.poll(() => proxy.ended).toMatchObject([{ outcome: 'method-not-allowed', status: 405 }])
    expect(proxy.seen).toEqual([])
  })

  it('leaves none of its earlier requests untold', async () => {
    const get = 'GET /slow HTTP/1.1\r\nHost: a\r\n\r\n'
    await reads(open(get + get + get + CONNECT))
    await expect.poll(() => proxy.ended.map(({ outcome }) => outcome)).toEqual(Array(3).fill('client-gone'))
  })
})

describe('I-40 a client that is refused before its body has come', () => {
  it('has no further request of that connection served', async () => {
    const first = 'POST /a%2fb HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n'
    const socket = open(first)
    socket.write('abcGET /next HTTP/1.1\r\nHost: a\r\n\r\n')
    const text = await reads(socket)
    expect(text).toMatch(/^HTTP\/1\.1 400 /)
    expect(text).toMatch(/^connection: close\r$/im)
    await expect.poll(() => proxy.ended.map(({ outcome }) => outcome)).toContain('bad-request')
    expect(proxy.seen).toEqual([])
  })

  it('that wants to change the protocol behind it leaves nothing untold', async () => {
    const chunked = 'Host: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n'
    open(`POST /a%2fb HTTP/1.1\r\n${chunked}POST /slow HTTP/1.1\r\n${chunked}GET /ws HTTP/1.1\r\n${ASKS}`)
    await expect.poll(() => proxy.ended.length).toBe(3)
    expect(proxy.seen).toEqual([])
  })
})

describe('I-48 a client that sends chunks', () => {
  it('may leave before all of them are there', async () => {
    for (const piece of ['', '5\r\nhel', '5\r\nhello\r\n', '5\r\nhello\r\n5']) {
      const socket = open(`POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n${piece}`)
      await once(socket, 'connect')
      socket.destroy()
    }
    await expect.poll(() => proxy.ended.length).toBe(4)
    expect(proxy.seen).toEqual([])
    await expectServing()
  })
})
