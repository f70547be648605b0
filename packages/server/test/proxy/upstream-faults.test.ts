import { once } from 'node:events'
import { createServer } from 'node:net'
import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import {
  answer,
  rawServer,
  type Script,
  send,
  start,
  upstreamSettings,
  useUpstreams,
} from './upstream-fixture.ts'

const { fixture, serve } = useUpstreams()

/** The URL of a port at which nobody listens. */
async function closedPort(): Promise<string> {
  const server = await rawServer(() => {})
  await server.close()
  return server.url
}

const unreachable = { outcome: 'upstream-unreachable', status: 502, hasBegun: false }

describe('a target that cannot be reached', () => {
  it('fails every request, one after the other', async () => {
    const group = fixture().group({ targets: [await closedPort()] })
    for (let i = 0; i < 20; i++) {
      const { failure, calls } = await send(group, { method: i % 2 ? 'POST' : 'GET' })
      expect(failure).toEqual({ ...unreachable, why: 'connect-failed' })
      expect(calls).toEqual(['failure'])
    }
  })

  it('fails where it does not accept in time', async () => {
    // Nobody accepts behind a full backlog; TLS never begins on a plain port.
    const silent = createServer(() => {}).listen(0, '127.0.0.1')
    await once(silent, 'listening')
    const { port } = silent.address() as { port: number }
    const result = start(fixture().group({ targets: [`https://127.0.0.1:${port}`], retries: 0 }))
    fixture().clock.advance(3100)
    await result.ended
    expect(result.failure).toEqual({ ...unreachable, why: 'connect-timeout' })
    silent.close()
  })

  it('leaves requests to another one, whatever their method, with their bodies', async () => {
    const server = await serve((socket) => socket.write(answer('hi')))
    const group = fixture().group({ targets: [await closedPort(), server.url] })
    for (let i = 0; i < 4; i++) {
      const body = new PassThrough()
      body.end('abc')
      const result = await send(group, { method: 'POST', body, contentLength: 3 })
      expect(result).toMatchObject({ status: 200, body: 'hi' })
      expect(result.forwarding.target).toBe(server.url)
    }
    expect(server.received.join('').match(/\r\n\r\nabc/g)?.length).toBe(4)
  })

  it('is tried again where requests may not be sent once more', async () => {
    const server = await serve((socket) => socket.write(answer('hi')))
    const targets = [await closedPort(), server.url]
    const group = fixture().group({ targets, retries: 0 })
    const results = [await send(group), await send(group)]
    expect(results.filter(({ failure }) => failure !== null).length).toBe(1)
  })
})

describe('a connection that the target closes while it is unused', () => {
  /** The first request of a connection is answered, the second ends it. */
  const hangUpOnSecond: Script = (socket, _, connection) => {
    if (socket.bytesWritten > 0) socket.destroy()
    else socket.write(answer(`${connection}`))
  }

  it.each(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE'])('costs no %s', async (method) => {
    const server = await serve(hangUpOnSecond)
    const group = fixture().group({ targets: [server.url] })
    await send(group)
    expect(await send(group, { method })).toMatchObject({ status: 200, failure: null })
    expect(server.sockets.length).toBe(2)
  })

  it.each([
    ['a POST', { method: 'POST', contentLength: 0 }],
    ['what has a body', { method: 'PUT', body: true, contentLength: 3 }],
  ])('fails %s, which the target may have done', async (_, changes) => {
    const server = await serve(hangUpOnSecond)
    const group = fixture().group({ targets: [server.url] })
    await send(group)
    const body = 'body' in changes ? new PassThrough().end('abc') : null
    const { failure } = await send(group, { ...changes, body })
    expect(failure).toEqual({ ...unreachable, why: 'hung-up' })
    expect(server.sockets.length).toBe(1)
  })

  it('costs no POST where the end came before it was written', async () => {
    const server = await serve((socket) => socket.end(answer('hi')))
    const group = fixture().group({ targets: [server.url] })
    await send(group)
    await once(server.sockets[0] as never, 'close')
    expect(await send(group, { method: 'POST', contentLength: 0 })).toMatchObject({
      body: 'hi',
      failure: null,
    })
  })

  it('is no reason to send a request twice on a new connection', async () => {
    const server = await serve((socket) => socket.destroy())
    const { failure } = await send(fixture().group({ targets: [server.url] }))
    expect(failure).toEqual({ ...unreachable, why: 'hung-up' })
    expect(server.sockets.length).toBe(1)
  })
})

describe('the body of a request', () => {
  it('is left to the caller where the target answers early', async () => {
    const server = await serve((socket) => socket.write(answer('no', 'HTTP/1.1 413 X')))
    const group = fixture().group({ targets: [server.url] })
    const body = new PassThrough()
    body.write('some')
    const result = await send(group, { method: 'POST', body })
    expect(result).toMatchObject({ status: 413, body: 'no', failure: null })
    expect(result.forwarding.isBodyRead).toBe(false)
    expect(body.destroyed).toBe(false)
    expect(await send(group)).toMatchObject({ status: 413 })
  })

  it('fails the request where it breaks off', async () => {
    const server = await serve(() => {})
    const body = new PassThrough()
    body.write('some')
    const result = start(fixture().group({ targets: [server.url] }), { method: 'POST', body })
    await expect.poll(() => server.received[0]).toContain('some')
    body.destroy()
    await result.ended
    expect(result.failure).toMatchObject({ outcome: 'client-gone', why: 'body-broken' })
    await expect.poll(() => server.sockets[0]?.destroyed).toBe(true)
  })

  it.each([2, 5])('fails the request where it has 3 octets of %s', async (contentLength) => {
    const server = await serve(() => {})
    const body = new PassThrough()
    body.end('abc')
    const group = fixture().group({ targets: [server.url] })
    const { failure } = await send(group, { method: 'POST', body, contentLength })
    expect(failure).toMatchObject({ outcome: 'client-gone', why: 'body-broken' })
  })

  it('fails the request where the client sends no more of it', async () => {
    const server = await serve(() => {})
    const body = new PassThrough()
    body.write('some')
    const result = start(fixture().group({ targets: [server.url] }), { method: 'POST', body })
    await expect.poll(() => server.received[0]).toContain('some')
    fixture().clock.advance('61s')
    await result.ended
    expect(result.failure).toMatchObject({ outcome: 'client-gone', status: 408, why: 'client-stalled' })
    expect(body.destroyed).toBe(false)
  })

  it('that comes at a byte a second ends the request after 10 s (I-47)', async () => {
    const server = await serve(() => {})
    const body = new PassThrough()
    const result = start(fixture().group({ targets: [server.url] }), { method: 'POST', body })
    for (let i = 0; i <= 10; i++) {
      body.write('x')
      await expect.poll(() => server.received[0]?.match(/1\r\nx/g)?.length).toBe(i + 1)
      expect(result.failure).toBe(null)
      fixture().clock.advance('1s')
    }
    await result.ended
    expect(result.failure).toMatchObject({ outcome: 'client-gone', status: 408, why: 'client-stalled' })
  })

  it('is read no faster than the target takes it', async () => {
    const server = await serve((socket) => socket.pause())
    const body = new PassThrough()
    const result = start(fixture().group({ targets: [server.url] }), { method: 'POST', body })
    let written = 0
    const write = (): void => {
      while (written < 2000 && body.write(Buffer.alloc(65_536))) written++
    }
    body.on('drain', write)
    write()
    await expect.poll(() => server.received.length).toBe(1)
    let before = -1
    await expect
      .poll(
        () => {
          const isStill = before === written
          before = written
          return isStill
        },
        { interval: 100 },
      )
      .toBe(true)
    expect(written).toBeLessThan(1000)
    fixture().clock.advance('61s')
    await result.ended
    expect(result.failure).toMatchObject({ outcome: 'upstream-timeout', why: 'idle-timeout' })
  })
})

describe('a target with all its connections in use', () => {
  it('has as many requests wait, and refuses more', async () => {
    const server = await serve(() => {})
    const group = fixture().group({ targets: [server.url], connectionsMax: 2 })
    const results = Array.from({ length: 5 }, (_, i) => start(group, { path: `/${i}` }))
    await results[4]?.ended
    expect(results[4]?.failure).toMatchObject({
      outcome: 'overloaded',
      status: 503,
      why: 'overloaded',
    })
    await expect.poll(() => server.received.filter((text) => text.includes('GET')).length).toBe(2)
    results[2]?.forwarding.abort()
    server.sockets[0]?.write(answer('hi'))
    await results[0]?.ended
    await expect.poll(() => server.received.join('')).toContain('GET /3')
    expect(server.received.join('')).not.toContain('GET /2')
    expect(server.sockets.length).toBe(2)
  })

  it('refuses those that wait too long', async () => {
    const server = await serve(() => {})
    const group = fixture().group({ targets: [server.url], connectionsMax: 1 })
    start(group)
    const second = start(group)
    await expect.poll(() => server.received[0]).toContain('GET')
    fixture().clock.advance(3200)
    await second.ended
    expect(second.failure).toMatchObject({ status: 503, why: 'overloaded' })
  })
})

describe('a configuration that takes the place of another', () => {
  it('keeps connections of targets that stay, and closes others once they are unused', async () => {
    const [one, two] = [await serve(() => {}), await serve((socket) => socket.write(answer('two')))]
    const before = fixture().upstreams.use([
      upstreamSettings({ targets: [one.url] }),
      upstreamSettings({ targets: [two.url] }),
    ])
    const running = start(before[0] as never)
    await send(before[1] as never)
    const after = fixture().upstreams.use([upstreamSettings({ targets: [two.url], retries: 0 })])
    expect(
      fixture()
        .upstreams.states()
        .map(({ target }) => target),
    ).toEqual([two.url])
    await send(after[0] as never)
    expect(two.sockets.length).toBe(1)
    await expect.poll(() => one.received[0]).toContain('GET')
    one.sockets[0]?.write(answer('one'))
    await running.ended
    expect(running).toMatchObject({ body: 'one', failure: null })
    await expect.poll(() => one.sockets[0]?.destroyed).toBe(true)
  })

  it('leaves nothing open when all is closed', async () => {
    const server = await serve(() => {})
    const group = fixture().group({ targets: [server.url], connectionsMax: 1 })
    const results = [start(group), start(group)]
    await expect.poll(() => server.received[0]).toContain('GET')
    fixture().upstreams.close()
    for (const result of results) await result.ended
    expect(results.map(({ failure }) => failure?.why)).toEqual(['hung-up', 'overloaded'])
    expect((await send(group)).failure).toMatchObject({ why: 'overloaded' })
  })
})
