import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { answer, send, start, useUpstreams } from './upstream-fixture.ts'

const { fixture, serve } = useUpstreams()

describe('a request that is forwarded', () => {
  it('arrives as it was given, without what concerns a connection', async () => {
    const server = await serve((socket) => socket.write(answer('hi')))
    const result = await send(fixture().group({ targets: [server.url] }), {
      path: '/a?b=%20c',
      fields: [
        'host',
        'shop.example',
        'x-one',
        'ä',
        'x-one',
        '2',
        'connection',
        'x',
        'te',
        'trailers',
        'expect',
        'a',
      ],
    })
    expect(result).toMatchObject({ status: 200, statusText: 'OK', body: 'hi', failure: null })
    expect(server.received).toEqual([
      'GET /a?b=%20c HTTP/1.1\r\nhost: shop.example\r\nconnection: keep-alive\r\nx-one: ä\r\nx-one: 2\r\n\r\n',
    ])
  })

  it('names the host of the target where settings say so', async () => {
    const server = await serve((socket) => socket.write(answer('')))
    await send(fixture().group({ targets: [server.url], host: 'target' }))
    expect(server.received[0]).toContain(`\r\nhost: ${server.url.slice('http://'.length)}\r\n`)
    expect(server.received[0]).not.toContain('shop.example')
  })

  it('goes to a Unix socket', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'headgate-upstream-'))
    const server = await serve((socket) => socket.write(answer('hi')), join(folder, 'socket'))
    const result = await send(fixture().group({ targets: [server.url] }))
    expect(result).toMatchObject({ status: 200, body: 'hi' })
    expect(result.forwarding.target).toBe(server.url)
    rmSync(folder, { recursive: true })
  })

  it('uses one connection again, and no more than it needs', async () => {
    const server = await serve((socket) => socket.write(answer('hi')))
    const group = fixture().group({ targets: [server.url] })
    for (let i = 0; i < 5; i++) await send(group)
    expect(server.sockets.length).toBe(1)
    await Promise.all([send(group), send(group)])
    expect(server.sockets.length).toBe(2)
    expect(fixture().upstreams.states()).toEqual([{ target: server.url, isHealthy: true, inFlight: 0 }])
  })

  it('has its length where that is known, and comes in chunks otherwise', async () => {
    const isWhole = (): boolean => /\r\n\r\nabcd$|\r\n0\r\n\r\n$/.test(server.received.join(''))
    const server = await serve((socket) => {
      const look = (): unknown => (isWhole() ? socket.off('data', look).write(answer('')) : null)
      socket.on('data', look)
      look()
    })
    const group = fixture().group({ targets: [server.url] })
    const body = (): Readable => Readable.from([Buffer.from('ab'), Buffer.from('cd')], { objectMode: false })
    await send(group, { method: 'POST', body: body(), contentLength: 4 })
    expect(server.received[0]).toMatch(/\r\ncontent-length: 4\r\n\r\nabcd$/)
    const chunked = new PassThrough()
    const sent = send(group, { method: 'POST', body: chunked })
    chunked.write('ab')
    await expect.poll(() => server.received.join('')).toContain('\r\n2\r\nab')
    chunked.end('cd')
    await sent
    await expect.poll(() => server.received.join('')).toMatch(/\r\n2\r\nab\r\n2\r\ncd\r\n0\r\n\r\n$/)
  })

  it('has a length of 0 where its method may have a body', async () => {
    const server = await serve((socket) => socket.write(answer('')))
    await send(fixture().group({ targets: [server.url] }), { method: 'POST', contentLength: 0 })
    expect(server.received[0]).toMatch(/\r\ncontent-length: 0\r\n\r\n$/)
  })

  it('is cancelled at the target when it is aborted', async () => {
    const server = await serve(() => {})
    const group = fixture().group({ targets: [server.url] })
    const result = start(group)
    await expect.poll(() => server.received[0]).toContain('GET')
    const closed = once(server.sockets[0] as never, 'close')
    result.forwarding.abort()
    await closed
    expect(result.calls).toEqual([])
    expect(fixture().upstreams.states()[0]?.inFlight).toBe(0)
  })

  it('is never written when it is aborted before there is a connection', async () => {
    const server = await serve((socket) => socket.write(answer('hi')))
    const group = fixture().group({ targets: [server.url] })
    const aborted = start(group, { path: '/aborted' })
    aborted.forwarding.abort()
    await send(group, { path: '/second' })
    await expect.poll(() => fixture().upstreams.states()[0]?.inFlight).toBe(0)
    expect(server.received.join('')).not.toContain('aborted')
    expect(aborted.calls).toEqual([])
  })
})

describe('a response', () => {
  it('goes on without the fields of the connection, and without trailers', async () => {
    const server = await serve((socket) =>
      socket.write(
        'HTTP/1.1 201 \r\nSet-Cookie: a=1\r\nset-cookie: b=\xe4\r\nConnection: close, X-Hop\r\nX-Hop: 1\r\nKeep-Alive: timeout=5\r\n' +
          'Trailer: x-end\r\nUpgrade: h2c\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nX-End: 1\r\n\r\n',
        'latin1',
      ),
    )
    const result = await send(fixture().group({ targets: [server.url] }))
    expect(result).toMatchObject({ status: 201, statusText: '', body: 'hi' })
    expect(result.fields).toEqual(['set-cookie', 'a=1', 'set-cookie', 'b=ä'])
  })

  it.each(['HEAD', 'GET'])('keeps its length where it has no body: %s', async (method) => {
    const status = method === 'HEAD' ? '200 OK' : '304 Not Modified'
    const server = await serve((socket) => socket.write(`HTTP/1.1 ${status}\r\ncontent-length: 5\r\n\r\n`))
    const result = await send(fixture().group({ targets: [server.url] }), { method })
    expect(result).toMatchObject({ fields: ['content-length', '5'], body: '', calls: ['head', 'end'] })
  })

  it('is read no faster than it is taken', async () => {
    const piece = 'x'.repeat(65_536)
    let written = 0
    const server = await serve((socket) => {
      socket.write('HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n')
      const write = (): void => {
        while (written < 512 && socket.write(piece)) written++
        if (written < 512) socket.once('drain', write)
        else socket.end()
      }
      write()
    })
    let isTaken = false
    const result = start(fixture().group({ targets: [server.url] }), {}, () => isTaken)
    await expect.poll(() => result.body.length).toBeGreaterThan(0)
    const first = result.body.length
    await expect.poll(() => server.sockets[0]?.writableNeedDrain).toBe(true)
    expect(result.body.length).toBe(first)
    isTaken = true
    result.forwarding.resume()
    await result.ended
    expect(result.failure).toBeNull()
    expect(result.body.length).toBeGreaterThanOrEqual(512 * 65_536)
  })
})
