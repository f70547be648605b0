import { once } from 'node:events'
import { get, type IncomingMessage, type ServerResponse } from 'node:http'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { inFront } from './in-front.ts'
import { type ProxyUnderTest, startProxy } from './proxy-under-test.ts'
import { rawClient, statusesOf } from './raw-client.ts'

const OPEN = 'policies: []\nproxy: { maxBody: 64MiB, accessLog: false }'
const POST = 'POST /in HTTP/1.1\r\nhost: a\r\n'

describe('a response', () => {
  it('arrives event by event, without a switch', async () => {
    let stream: ServerResponse | undefined
    await using proxy = await inFront(OPEN, (_, response) => {
      stream = response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write('data: 1\n\n')
    })
    using client = await rawClient(proxy.port, 'GET /events HTTP/1.1\r\nhost: a\r\n\r\n')
    await expect.poll(client.text).toContain('data: 1')
    stream?.write('data: 2\n\n')
    await expect.poll(client.text).toContain('data: 2')
    expect(client.text()).not.toContain('data: 3')
    stream?.end('data: 3\n\n')
    await expect.poll(client.text).toMatch(/data: 3[\s\S]*\r\n0\r\n\r\n$/)
  })

  it('begins at the client when it begins, before there is a body', async () => {
    await using proxy = await inFront(OPEN, (_, response) => response.writeHead(200).flushHeaders())
    using client = await rawClient(proxy.port, 'GET / HTTP/1.1\r\nhost: a\r\n\r\n')
    await expect.poll(client.text).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
  })

  it('ends at the application when the client goes', async () => {
    const closed = Promise.withResolvers<boolean>()
    await using proxy = await inFront(OPEN, (_, response) => {
      response.write('endless')
      response.once('close', () => closed.resolve(response.writableFinished))
    })
    using client = await rawClient(proxy.port, 'GET / HTTP/1.1\r\nhost: a\r\n\r\n')
    await expect.poll(client.text).toContain('endless')
    client.socket.destroy()
    expect(await closed.promise).toBe(false)
    await expect.poll(() => proxy.ended).toMatchObject([{ outcome: 'client-gone', status: 200 }])
  })

  it('ends at the application when the client goes before it has begun', async () => {
    const closed = Promise.withResolvers<boolean>()
    const asked = Promise.withResolvers<void>()
    await using proxy = await inFront(OPEN, (_, response) => {
      response.once('close', () => closed.resolve(response.headersSent))
      asked.resolve()
    })
    using client = await rawClient(proxy.port, 'GET / HTTP/1.1\r\nhost: a\r\n\r\n')
    await asked.promise
    client.socket.destroy()
    expect(await closed.promise).toBe(false)
    await expect.poll(() => proxy.ended).toMatchObject([{ outcome: 'client-gone', status: 0 }])
  })

  it('has no body for HEAD, 204 and 304, and the connection goes on', async () => {
    await using proxy = await inFront(OPEN, ({ url, method }, response) => {
      const status = Number(url?.slice(1))
      const length = status === 204 ? {} : { 'content-length': '5', etag: '"one"' }
      response.writeHead(status, length).end(status === 200 && method === 'GET' ? 'whole' : undefined)
    })
    const ask = (method: string, status: number): string => `${method} /${status} HTTP/1.1\r\nhost: a\r\n\r\n`
    using client = await rawClient(
      proxy.port,
      ask('HEAD', 200) + ask('GET', 204) + ask('GET', 304) + ask('GET', 200),
    )
    await expect.poll(client.text).toContain('whole')
    expect(statusesOf(client.text())).toEqual([200, 204, 304, 200])
    const [head = '', noContent = '', notModified = ''] = client.text().split(/(?=HTTP\/1\.1 )/)
    expect(head).toMatch(/content-length: 5\r\n[\s\S]*\r\n\r\n$/)
    expect(noContent).not.toMatch(/content-length|transfer-encoding/)
    expect(notModified).toContain('etag: "one"')
  })

  it('keeps ranges and encodings as the application made them', async () => {
    const packed = gzipSync('packed by the application')
    await using proxy = await startProxy(OPEN, {
      answer: ({ headers }, response) => {
        if (headers.range === undefined) {
          response.writeHead(200, { 'content-encoding': 'gzip' }).end(packed)
        } else response.writeHead(206, { 'content-range': 'bytes 2-3/10' }).end('cd')
      },
    })
    const [whole] = (await once(get(proxy.url, { headers: { 'accept-encoding': 'gzip' } }), 'response')) as [
      IncomingMessage,
    ]
    expect(Buffer.concat(await whole.toArray())).toEqual(packed)
    expect(whole.headers['content-encoding']).toBe('gzip')
    const part = await fetch(proxy.url, { headers: { range: 'bytes=2-3' } })
    expect([part.status, part.headers.get('content-range'), await part.text()]).toEqual([
      206,
      'bytes 2-3/10',
      'cd',
    ])
    const accepted = proxy.seen.map(({ rawHeaders }) => rawHeaders[rawHeaders.indexOf('accept-encoding') + 1])
    expect(accepted[0]).toBe('gzip')
  })
})

describe('a request and its response', () => {
  it('go on side by side where the application answers while it reads', async () => {
    await using proxy = await inFront(OPEN, (incoming, response) => {
      incoming.pipe(response.writeHead(200))
    })
    using client = await rawClient(proxy.port, `${POST}transfer-encoding: chunked\r\n\r\n5\r\nfirst\r\n`)
    await expect.poll(client.text).toContain('first')
    client.socket.write('6\r\nsecond\r\n')
    await expect.poll(client.text).toContain('second')
    expect(client.text()).not.toMatch(/\r\n0\r\n\r\n$/)
    client.socket.write('0\r\n\r\n')
    await expect.poll(client.text).toMatch(/\r\n0\r\n\r\n$/)
    await expect.poll(() => proxy.ended).toMatchObject([{ outcome: 'ok', status: 200, bytesOut: 11 }])
  })

  it('end well where a client sends nothing more, but still reads', async () => {
    const asked = Promise.withResolvers<ServerResponse>()
    await using proxy = await inFront(OPEN, (_, response) => asked.resolve(response))
    using client = await rawClient(proxy.port, 'GET / HTTP/1.1\r\nhost: a\r\n\r\n')
    const response = await asked.promise
    client.socket.end()
    response.end('answered')
    await expect.poll(() => client.isClosed).toBe(true)
    expect(client.text()).toContain('answered')
    expect(proxy.ended).toMatchObject([{ outcome: 'ok' }])
  })

  it('are without chunks for a client of HTTP/1.0, whose connection ends', async () => {
    await using proxy = await inFront(OPEN, (_, response) => {
      response.write('in ')
      response.end('pieces')
    })
    const text = await proxy.raw('GET / HTTP/1.0\r\nhost: a\r\n\r\n')
    expect(text).toMatch(/^HTTP\/1\.1 200 [\s\S]*\r\n\r\nin pieces$/)
    expect(text).not.toContain('chunked')
  })
})

describe('the body of a request', () => {
  it('arrives piece by piece, before all of it is sent', async () => {
    let received = ''
    await using proxy = await inFront(OPEN, (incoming, response) => {
      incoming.on('data', (chunk) => (received += chunk)).on('end', () => response.end('done'))
    })
    using client = await rawClient(proxy.port, `${POST}transfer-encoding: chunked\r\n\r\n3\r\none\r\n`)
    await expect.poll(() => received).toBe('one')
    client.socket.write('3\r\ntwo\r\n0\r\nx-trailer: 1\r\n\r\n')
    await expect.poll(client.text).toContain('done')
    expect(received).toBe('onetwo')
    client.socket.write(`${POST}content-length: 5\r\n\r\nthree`)
    await expect.poll(() => statusesOf(client.text())).toEqual([200, 200])
    expect(received).toBe('onetwothree')
  })

  it.each(['transfer-encoding: chunked\r\n\r\n3\r\none\r\n', 'content-length: 100\r\n\r\none'])(
    'ends at the application when the client goes: %j',
    async (rest) => {
      const broken = Promise.withResolvers<boolean>()
      const begun = Promise.withResolvers<void>()
      await using proxy = await inFront(OPEN, (incoming) => {
        incoming.once('data', () => begun.resolve())
        incoming.on('error', () => {})
        incoming.once('close', () => broken.resolve(!incoming.complete))
      })
      using client = await rawClient(proxy.port, POST + rest)
      await begun.promise
      client.socket.destroy()
      expect(await broken.promise).toBe(true)
      await expect.poll(() => proxy.ended).toMatchObject([{ outcome: 'client-gone' }])
    },
  )

  it('is refused with 413 while it comes, where it becomes too long, and the application is told', async () => {
    const broken = Promise.withResolvers<boolean>()
    await using proxy = await inFront('policies: []\nproxy: { maxBody: 1KiB }', (incoming) => {
      incoming.on('error', () => {}).resume()
      incoming.once('close', () => broken.resolve(!incoming.complete))
    })
    using client = await rawClient(
      proxy.port,
      `${POST}transfer-encoding: chunked\r\n\r\n200\r\n${'x'.repeat(512)}\r\n`,
    )
    await expect.poll(async () => connectionsOf(proxy)).toBe(1)
    client.socket.write(`400\r\n${'x'.repeat(1024)}\r\n`)
    await expect.poll(client.text).toMatch(/^HTTP\/1\.1 413 /)
    expect(await broken.promise).toBe(true)
    expect(client.text()).toContain('connection: close')
    client.socket.end('0\r\n\r\n')
    await expect.poll(() => client.isClosed).toBe(true)
    expect(proxy.ended).toMatchObject([{ outcome: 'body-too-large', status: 413 }])
  })
})

describe('Expect: 100-continue', () => {
  const expecting = `${POST}content-length: 4\r\nexpect: 100-continue\r\n`

  it('asks for the body where the request passes, and the application never hears of it', async () => {
    await using proxy = await startProxy(OPEN)
    using client = await rawClient(proxy.port, `${expecting}\r\n`)
    await expect.poll(client.text).toBe('HTTP/1.1 100 Continue\r\n\r\n')
    client.socket.write('body')
    await expect.poll(client.text).toContain('hello')
    expect(proxy.seen).toMatchObject([{ body: Buffer.from('body') }])
    expect(proxy.seen[0]?.rawHeaders).not.toContain('expect')
  })

  it.each([
    ['body', 'policies: []\nproxy: { maxBody: 3 }', '413'],
    ['method', 'policies: []\nproxy: { methods: [GET] }', '405'],
    ['limit', 'policies: [{ name: none, key: ip, cost: 2, rules: [1/min] }]\nproxy: {}', '429'],
  ])('does not ask for it where the gate of the %s refuses', async (_, yaml, status) => {
    await using proxy = await startProxy(yaml)
    using client = await rawClient(proxy.port, `${expecting}\r\n`)
    await expect.poll(client.text).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
    expect(client.text()).not.toContain('100 Continue')
    client.socket.end()
    await expect.poll(() => client.isClosed).toBe(true)
    expect(proxy.seen).toEqual([])
  })
})

async function connectionsOf({ application }: ProxyUnderTest): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>()
  application.getConnections((_, count) => resolve(count))
  return promise
}
