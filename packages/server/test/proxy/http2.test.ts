/** HTTP/2 in front of the proxy: the same way through the gates as any request (I-41). */
import { once } from 'node:events'
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  constants,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
} from 'node:http2'
import { get } from 'node:https'
import { connect as tlsConnect } from 'node:tls'
import { afterEach, describe, expect, it } from 'vitest'
import { CERTIFICATES, tlsOf } from '../protocol/secure-listener.ts'
import { type ProxyTestOptions, type ProxyUnderTest, startProxy } from './proxy-under-test.ts'
import { END_HEADERS, END_STREAM, frame, number, RawStreams, requestBlock, TYPE } from './raw-streams.ts'

const { ca, server } = CERTIFICATES
const sessions: ClientHttp2Session[] = []

afterEach(() => {
  for (const session of sessions.splice(0)) session.destroy()
})

async function start(
  yaml = 'policies: []\nproxy: { http2: true }',
  options: ProxyTestOptions = {},
): Promise<ProxyUnderTest> {
  // Its files are not read here.
  return startProxy(`${yaml}\ntls: { certFile: a, keyFile: a }`, {
    ...options,
    listener: { tls: await tlsOf(server) },
  })
}

function open(proxy: ProxyUnderTest): ClientHttp2Session {
  const session = connect(`https://localhost:${proxy.port}`, { ca })
  sessions.push(session.on('error', () => {}))
  return session
}

interface Answered {
  readonly head: IncomingHttpHeaders & { readonly ':status'?: number }
  readonly body: string
  /** By which the stream ended. */
  readonly code: number
}

async function answered(stream: ClientHttp2Stream): Promise<Answered> {
  let head = {}
  let body = ''
  stream.on('response', (fields) => (head = fields)).on('error', () => {})
  stream.setEncoding('utf8').on('data', (chunk) => (body += chunk))
  await new Promise((resolve) => stream.once('close', resolve))
  return { head, body, code: stream.rstCode ?? -1 }
}

const ask = (
  session: ClientHttp2Session,
  fields: OutgoingHttpHeaders = {},
  body?: string,
): Promise<Answered> => {
  const stream = session.request(fields, { endStream: body === undefined })
  if (body !== undefined) stream.end(body)
  return answered(stream)
}

/** A field as the application got it. */
const gotten = ({ seen }: ProxyUnderTest, name: string): (string | undefined)[] => {
  const raw = seen.at(-1)?.rawHeaders ?? []
  return raw.flatMap((one, i) => (i % 2 === 0 && one.toLowerCase() === name ? [raw[i + 1]] : []))
}

describe('a request by HTTP/2', () => {
  it('is forwarded as it would be by HTTP/1.1', async () => {
    await using proxy = await start(undefined, {
      answer: (_, response) =>
        void response
          .writeHead(201, ['set-cookie', 'a=1', 'set-cookie', 'b=2', 'via', 'x', 'via', 'y'])
          .end('made'),
    })
    const { head, body, code } = await ask(open(proxy), {
      ':path': '/a?b=1',
      cookie: ['a=1', 'b=2'],
      te: 'trailers',
      'x-own': '1',
    })
    expect(head).toMatchObject({ ':status': 201, 'x-content-type-options': 'nosniff', via: 'x, y' })
    expect(head['set-cookie']?.map((one) => one.split(';')[0])).toEqual(['a=1', 'b=2'])
    expect(head).not.toHaveProperty('connection')
    expect({ body, code }).toEqual({ body: 'made', code: 0 })
    expect(proxy.seen[0]).toMatchObject({ method: 'GET', url: '/a?b=1' })
    expect(gotten(proxy, 'host')).toEqual([`localhost:${proxy.port}`])
    expect(gotten(proxy, 'cookie')).toEqual(['a=1; b=2'])
    expect(gotten(proxy, 'x-forwarded-proto')).toEqual(['https'])
    expect(gotten(proxy, 'x-own')).toEqual(['1'])
    expect(gotten(proxy, 'te')).toEqual([])
    expect(proxy.seen[0]?.rawHeaders.join()).not.toMatch(/:path|:authority|:scheme|:method/)
    expect(proxy.ended).toMatchObject([{ outcome: 'ok', status: 201, path: '/a', bytesOut: 4 }])
  })

  it('may have a body, with its length and without, of which trailers are no part', async () => {
    await using proxy = await start()
    const session = open(proxy)
    const text = 'x'.repeat(200_000)
    expect((await ask(session, { ':method': 'POST' }, text)).head[':status']).toBe(200)
    expect(gotten(proxy, 'transfer-encoding')).toEqual(['chunked'])
    expect((await ask(session, { ':method': 'POST', 'content-length': text.length }, text)).body).toBe(
      'hello',
    )
    expect(gotten(proxy, 'content-length')).toEqual([String(text.length)])
    const trailing = session.request({ ':method': 'PUT' }, { waitForTrailers: true })
    trailing.on('wantTrailers', () => trailing.sendTrailers({ 'x-forwarded-for': '1.2.3.4' })).end(text)
    await answered(trailing)
    expect(proxy.seen.map(({ body }) => body.toString() === text)).toEqual([true, true, true])
    expect((await ask(session, { ':method': 'HEAD' })).body).toBe('')
  })

  it('stands beside HTTP/1.1 on the same port, and is not there where nobody asked for it', async () => {
    await using both = await start()
    await using first = await start('policies: []\nproxy: {}')
    for (const proxy of [both, first]) {
      const [response] = await once(get(`https://localhost:${proxy.port}/`, { ca, agent: false }), 'response')
      expect(response.statusCode).toBe(200)
      response.resume()
    }
    const session = open(first)
    const [error] = await once(session, 'error')
    expect(error).toMatchObject({ code: expect.stringMatching(/^ERR_HTTP2|^ERR_SSL|ECONNRESET/) })
  })

  it('passes the same gates, and is refused by itself', async () => {
    await using proxy = await start(
      'policies: [{ name: ip, key: ip, match: { path: /limited }, rules: [1/day] }]\n' +
        'proxy: { http2: true, maxBody: 10B, hosts: [localhost], routes: [{ path: /none, methods: [POST] }] }',
    )
    const session = open(proxy)
    const statuses = async (...all: readonly [OutgoingHttpHeaders, string?][]): Promise<unknown[]> => {
      const got: unknown[] = []
      for (const [fields, body] of all) got.push((await ask(session, fields, body)).head[':status'])
      return got
    }
    expect(await statuses([{ ':path': '/limited' }])).toEqual([200])
    proxy.seen.length = 0
    expect(
      await statuses(
        [{ ':path': '/limited' }],
        [{ ':path': '/none' }],
        [{ ':path': '/a%2fb' }],
        [{ ':authority': 'other.example' }],
        [{ ':method': 'POST', 'content-length': 11 }, 'x'.repeat(11)],
        [{ ':method': 'POST' }, 'x'.repeat(200_000)],
        [Object.fromEntries(Array.from({ length: 150 }, (_, i) => [`x-${i}`, '1']))],
        [{ 'x-large': 'x'.repeat(20_000) }],
        [{ expect: 'nothing' }],
      ),
    ).toEqual([429, 405, 400, 421, 413, 413, 431, 431, 417])
    expect(proxy.seen).toEqual([])
    expect(await statuses([{ host: `localhost:${proxy.port}` }])).toEqual([200])
    expect(gotten(proxy, 'host')).toEqual([`localhost:${proxy.port}`])
  })

  it('is cancelled at the application when the client cancels it, and shows where a response breaks off', async () => {
    let closed = 0
    await using proxy = await start(undefined, {
      answer: ({ url }, response) => {
        response.on('close', () => closed++)
        response.write('some')
        if (url === '/broken') setTimeout(() => response.destroy(), 20)
      },
    })
    const session = open(proxy)
    const stream = session.request({})
    await once(stream, 'data')
    stream.close(constants.NGHTTP2_CANCEL)
    await expect.poll(() => closed).toBe(1)
    expect(await ask(session, { ':path': '/broken' })).toMatchObject({
      body: 'some',
      code: constants.NGHTTP2_INTERNAL_ERROR,
    })
    await expect
      .poll(() => proxy.ended.map(({ outcome }) => outcome))
      .toEqual(['client-gone', 'upstream-failed'])
  })

  it('is answered without fields that only connections of HTTP/1.1 have', async () => {
    await using proxy = await start(undefined, {
      answer: (_, response) => void response.setHeader('http2-settings', 'AAMAAABk').end('hello'),
    })
    const { head, body } = await ask(open(proxy))
    expect(body).toBe('hello')
    expect(head).not.toHaveProperty('http2-settings')
  })

  it('is read no faster than the client reads the response', async () => {
    let written = 0
    await using proxy = await start(undefined, {
      answer: (_, response) => {
        const write = (): void => {
          while (written < 3000 && response.write(Buffer.alloc(65_536))) written++
        }
        response.on('drain', write)
        write()
      },
    })
    const stream = open(proxy).request({})
    await once(stream, 'response')
    let before = -1
    const isStill = (): boolean => {
      const still = before === written
      before = written
      return still
    }
    await expect.poll(isStill, { interval: 200 }).toBe(true)
    expect(written).toBeLessThan(1000)
  })

  it('under way is answered when the proxy stops, and others are asked elsewhere', async () => {
    const answers: (() => void)[] = []
    await using proxy = await start(undefined, {
      answer: (_, response) => void answers.push(() => response.end('late')),
    })
    const session = open(proxy)
    let goodbyes = 0
    session.on('goaway', () => goodbyes++)
    const late = ask(session)
    await expect.poll(() => answers.length).toBe(1)
    // One that says nothing does not hold it up.
    const silent = tlsConnect({ port: proxy.port, host: '127.0.0.1', ca, ALPNProtocols: ['h2'] })
    await once(
      silent.on('error', () => {}),
      'secureConnect',
    )
    const drained = proxy.transport.drain()
    await expect.poll(() => goodbyes).toBeGreaterThan(0)
    for (const end of answers) end()
    expect(await late).toMatchObject({ body: 'late', code: 0 })
    await drained
    silent.destroy()
  })
})

const post = { ':method': 'POST' }

describe('a stream that is no request', () => {
  it.each<[string, Record<string, string | null>, RegExp]>([
    ['transfer-encoding', { 'transfer-encoding': 'chunked' }, /^reset 1$/],
    ['connection', { connection: 'close' }, /^reset 1$/],
    ['upgrade', { upgrade: 'websocket' }, /^reset 1$/],
    ['a name in upper case', { 'X-Upper': '1' }, /^reset 1$/],
    ['a line end in the path', { ':path': '/ HTTP/1.1\r\nx: y' }, /^reset 1$/],
    ['a space in the path', { ':path': '/a b' }, /^(reset 1|headers)$/],
    ['a fragment in the path', { ':path': '/a#b' }, /^(reset 1|headers)$/],
    ['no path', { ':path': null }, /^reset 1$/],
    ['an unknown pseudo field', { ':other': 'x' }, /^reset 1$/],
    ['another protocol', { ':method': 'CONNECT', ':protocol': 'websocket' }, /^reset 1$/],
    ['a tunnel', { ':method': 'CONNECT', ':path': null, ':scheme': null }, /^headers$/],
    ['a host beside another authority', { host: 'other.example' }, /^headers$/],
  ])('with %s does not reach the application', async (_, changes, answer) => {
    await using proxy = await start()
    using streams = await RawStreams.connect(proxy.port)
    streams.send(frame(TYPE.headers, END_HEADERS | END_STREAM, 1, requestBlock(changes)))
    await expect.poll(() => streams.on(1)[0]).toMatch(answer)
    expect(proxy.seen).toEqual([])
    expect(proxy.ended.filter(({ status }) => status < 400)).toEqual([])
    // The connection is as good as before.
    streams.send(frame(TYPE.headers, END_HEADERS | END_STREAM, 3, requestBlock()))
    await expect.poll(() => streams.on(3)).toContain('data')
  })

  it.each<[string, Record<string, string | null>, (id: number) => Buffer]>([
    ['shorter than it says', { ...post, 'content-length': '5' }, (id) => frame(TYPE.data, END_STREAM, id)],
    [
      'longer than it says',
      { ...post, 'content-length': '2' },
      (id) => frame(TYPE.data, END_STREAM, id, Buffer.from('abc')),
    ],
    ['reset without an error', post, (id) => frame(TYPE.reset, 0, id, number(constants.NGHTTP2_NO_ERROR))],
    ['cancelled', post, (id) => frame(TYPE.reset, 0, id, number(constants.NGHTTP2_CANCEL))],
  ])('whose body is %s is never whole for the application', async (_, changes, end) => {
    await using proxy = await start()
    using streams = await RawStreams.connect(proxy.port)
    streams.send(
      frame(TYPE.headers, END_HEADERS, 1, requestBlock(changes)),
      frame(TYPE.data, 0, 1, Buffer.from('a')),
    )
    await once(proxy.application, 'request')
    streams.send(end(1))
    await expect.poll(() => proxy.ended.length).toBe(1)
    expect(proxy.ended[0]?.outcome).toBe('client-gone')
    expect(proxy.seen).toEqual([])
  })
})
