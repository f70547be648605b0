/** Faults that users of other proxies and limiters reported, each with its input. */
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { type ProxyUnderTest, startProxy } from './proxy-under-test.ts'
import { rawClient, statusesOf } from './raw-client.ts'

const GET = 'GET /next HTTP/1.1\r\nhost: a\r\n\r\n'
const FIVE_MB = 5 * 1024 * 1024

describe('one budget a route, whatever is at its end (wraithgar/hapi-rate-limit#122)', () => {
  const yaml = [
    'policies:',
    '  - { name: item, match: { path: "/item/*" }, key: ip, rules: [1/min] }',
    '  - { name: login, match: { path: /login }, key: ip, rules: [1/min] }',
    'proxy: { paths: { ignoreCase: true } }',
  ].join('\n')

  it('counts ids of one pattern together', async () => {
    await using proxy = await startProxy(yaml)
    const statuses = []
    for (const path of ['/item/1', '/item/2', '/item/2/', '/ITEM/3', '/item/%34']) {
      statuses.push((await fetch(proxy.url + path)).status)
    }
    expect(statuses).toEqual([200, 429, 429, 429, 429])
    expect(proxy.seen.map(({ url }) => url)).toEqual(['/item/1'])
  })

  it('takes no spelling of a path past its limit, but what the router takes for another path', async () => {
    await using proxy = await startProxy(yaml)
    const status = async (path: string): Promise<number> => (await fetch(proxy.url + path)).status
    expect(await status('/login')).toBe(200)
    expect(await status('/LOGIN')).toBe(429)
    expect(await status('/login/')).toBe(429)
    expect(await status('//login')).toBe(429)
    // Express has another route for this one, and none for the next.
    expect(await status('/login.json')).toBe(200)
    expect(await status('/login;a=1')).toBeGreaterThanOrEqual(200)
    expect(proxy.seen.filter(({ url }) => /^\/+login\/?$/i.test(url))).toHaveLength(1)
  })
})

describe('an upstream that refuses or answers early (fastify/fastify-http-proxy#460, #474)', () => {
  it('answers 502 to each of 20 requests to a port where nobody listens', async () => {
    const closed = await listening(() => {})
    await closed[Symbol.asyncDispose]()
    await using proxy = await startProxy(upstreamOf(closed))
    using client = await rawClient(proxy.port, GET.repeat(20))
    await expect.poll(() => statusesOf(client.text())).toEqual(Array(20).fill(502))
    expect(client.isClosed).toBe(false)
  })

  it('denies a long upload, and the next request of the connection is not lost', async () => {
    await using proxy = await startProxy(
      'policies: [{ name: posts, match: { method: POST }, key: ip, cost: 2, rules: [1/min] }]\nproxy: { maxBody: 8MiB }',
    )
    using client = await rawClient(proxy.port, upload('sized', FIVE_MB))
    await expect.poll(() => statusesOf(client.text())).toEqual([429])
    client.socket.write(GET)
    await expect.poll(() => client.isClosed || statusesOf(client.text()).length === 2).toBe(true)
    if (client.isClosed) expect(client.text()).toContain('connection: close')
    expect(proxy.seen.filter(({ method }) => method === 'POST')).toEqual([])
  })

  it.each(['sized', 'chunked'] as const)(
    'passes an early answer on while a %s body comes, and the connection is of use',
    async (kind) => {
      await using proxy = await startProxy('policies: []\nproxy: { maxBody: 8MiB }')
      answerEarly(proxy)
      using client = await rawClient(proxy.port, upload(kind, FIVE_MB))
      client.socket.write(GET)
      await expect
        .poll(() => client.isClosed || statusesOf(client.text()).length === 2, { timeout: 5000 })
        .toBe(true)
      const statuses = statusesOf(client.text())
      expect(statuses[0]).toBe(403)
      if (statuses.length === 2) expect(statuses[1]).toBe(200)
      else expect(client.text()).toContain('connection: close')
    },
  )

  it('passes on an early answer to a client that has not sent the rest yet', async () => {
    await using proxy = await startProxy('policies: []\nproxy: { maxBody: 8MiB }')
    answerEarly(proxy)
    const whole = upload('sized', FIVE_MB)
    using client = await rawClient(proxy.port, whole.subarray(0, 64 * 1024))
    await expect.poll(() => statusesOf(client.text())).toEqual([403])
    client.socket.write(whole.subarray(64 * 1024))
    client.socket.write(GET)
    await expect.poll(() => client.isClosed || statusesOf(client.text()).length === 2).toBe(true)
  })

  it('forwards a GET with a body, whole, or refuses it', async () => {
    await using proxy = await startProxy('policies: []\nproxy: {}')
    using client = await rawClient(
      proxy.port,
      `GET /a HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\n\r\nabc${GET}`,
    )
    await expect.poll(() => statusesOf(client.text())).toEqual([200, 200])
    expect(proxy.seen.map(({ url, body }) => [url, String(body)])).toEqual([
      ['/a', 'abc'],
      ['/next', ''],
    ])
  })
})

describe('a kept connection that the upstream has just closed (sozu-proxy/sozu#1442)', () => {
  /** Answers the first request of a connection, and closes at the second. */
  async function forgetful(): Promise<{ server: ListeningServer; heads: string[] }> {
    const heads: string[] = []
    const server = await listening((socket) => {
      let requests = 0
      socket.on('data', (chunk) => {
        const head = String(chunk).split('\r\n')[0] ?? ''
        if (!head.includes('HTTP/1.1')) return
        heads.push(head)
        if (++requests === 1) socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok')
        else socket.destroy()
      })
    })
    return { server, heads }
  }

  it('is no failure of a GET, which goes once more on a new one', async () => {
    const { server, heads } = await forgetful()
    await using _ = server
    await using proxy = await startProxy(upstreamOf(server))
    using client = await rawClient(proxy.port, GET)
    await expect.poll(() => statusesOf(client.text())).toEqual([200])
    client.socket.write(GET)
    await expect.poll(() => statusesOf(client.text())).toEqual([200, 200])
    expect(heads).toEqual(Array(3).fill('GET /next HTTP/1.1'))
  })

  it('is one of a POST that was written, which is sent once', async () => {
    const { server, heads } = await forgetful()
    await using _ = server
    await using proxy = await startProxy(upstreamOf(server))
    using client = await rawClient(proxy.port, GET)
    await expect.poll(() => statusesOf(client.text())).toEqual([200])
    client.socket.write('POST /once HTTP/1.1\r\nhost: a\r\ncontent-length: 0\r\n\r\n')
    await expect.poll(() => statusesOf(client.text())).toEqual([200, 502])
    expect(heads.filter((head) => head.startsWith('POST'))).toHaveLength(1)
  })
})

function upstreamOf({ port }: ListeningServer): string {
  return `policies: []\nproxy: { upstream: "http://127.0.0.1:${port}" }`
}

interface ListeningServer extends AsyncDisposable {
  readonly port: number
}

async function listening(onConnection: (socket: Socket) => void): Promise<ListeningServer> {
  const server = createServer((socket) => {
    socket.on('error', () => {})
    onConnection(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: async () => {
      server.close()
      await once(server, 'close')
    },
  }
}

/** Answers 403 to a POST before its body, which it does not read; 200 to others. */
function answerEarly({ application }: ProxyUnderTest): void {
  application.removeAllListeners('request').on('request', ({ method }: IncomingMessage, response) => {
    response.writeHead(method === 'POST' ? 403 : 200).end('early')
  })
}

function upload(kind: 'sized' | 'chunked', bytes: number): Buffer {
  const body = Buffer.alloc(bytes, 'x')
  if (kind === 'sized') {
    return Buffer.concat([
      Buffer.from(`POST /in HTTP/1.1\r\nhost: a\r\ncontent-length: ${bytes}\r\n\r\n`),
      body,
    ])
  }
  const head = `POST /in HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n`
  const size = 64 * 1024
  const chunk = Buffer.concat([
    Buffer.from(`${size.toString(16)}\r\n`),
    body.subarray(0, size),
    Buffer.from('\r\n'),
  ])
  return Buffer.concat([
    Buffer.from(head),
    ...Array.from({ length: bytes / size }, () => chunk),
    Buffer.from('0\r\n\r\n'),
  ])
}
