import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { RequestFront } from './request-front.ts'

let front: RequestFront
beforeAll(async () => {
  front = await RequestFront.open()
})
beforeEach(() => front.clear())
afterAll(() => front.close())

/** A request with these lines after the first one; there is a Host unless they have one. */
function request(line: string, lines: readonly string[] = [], body = ''): string {
  return `${[line, 'Host: shop.example', ...lines].join('\r\n')}\r\n\r\n${body}`
}

/** What a second request would look like that a first one hides in its body. */
const HIDDEN = request('GET /hidden HTTP/1.1')

async function expectRefused(bytes: string, status = 400): Promise<void> {
  const reply = await front.send(bytes)
  expect(reply.statuses[0]).toBe(status)
  expect(reply.statuses.slice(1).filter((one) => one !== 400)).toEqual([])
  expect(front.received).toEqual([])
}

describe('I-40 requests of which two servers could see different ends', () => {
  it.each([
    ['both lengths', ['Content-Length: 5', 'Transfer-Encoding: chunked']],
    ['chunks, then a length', ['Transfer-Encoding: chunked', 'Content-Length: 5']],
    ['two lengths', ['Content-Length: 5', 'Content-Length: 6']],
    ['one length twice', ['Content-Length: 5', 'Content-Length: 5']],
    ['a length with a sign', ['Content-Length: +5']],
    ['a list of lengths', ['Content-Length: 5,5']],
    ['no length', ['Content-Length:']],
    ['a hexadecimal length', ['Content-Length: 0x5']],
    ['a length beyond what numbers hold', ['Content-Length: 9999999999999999']],
    ['a blank before the colon', ['Content-Length : 5']],
    ['a folded line', ['X-A: b', ' Content-Length: 5']],
    ['a folded coding', ['Transfer-Encoding:', ' chunked']],
    ['chunks that are not last', ['Transfer-Encoding: chunked, identity']],
    ['another coding', ['Transfer-Encoding: xchunked']],
    ['a coding before chunks', ['Transfer-Encoding: gzip, chunked']],
    ['identity', ['Transfer-Encoding: identity']],
    ['chunks twice', ['Transfer-Encoding: chunked', 'Transfer-Encoding: chunked']],
    ['chunks twice in a list', ['Transfer-Encoding: chunked, chunked']],
    ['a control character before the coding', ['Transfer-Encoding: \x0bchunked']],
    ['quotes around the coding', ['Transfer-Encoding: "chunked"']],
    ['a parameter of the coding', ['Transfer-Encoding: chunked;a=b']],
    ['a bare CR', ['X-A: b\rContent-Length: 5']],
    ['a bare LF', ['X-A: b\nTransfer-Encoding: chunked']],
    ['NUL in a value', ['X-A: \0']],
    ['a control character in a value', ['X-A: a\x01b']],
    ['DEL in a value', ['X-A: a\x7fb']],
    ['a blank in a name', ['X A: b']],
    ['a control character in a name', ['X\x01: b']],
    ['no name', [': b']],
    ['a line without a colon', ['nothing']],
  ])('are refused: %s', async (_, lines) => {
    await expectRefused(request('POST / HTTP/1.1', lines, `0\r\n\r\n${HIDDEN}`))
  })

  it.each([
    ['two hosts', 'GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n', 400],
    ['one host twice', 'GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n', 400],
    ['no host', 'GET / HTTP/1.1\r\n\r\n', 400],
    ['an empty host', 'GET / HTTP/1.1\r\nHost:\r\n\r\n', 400],
    ['a list of hosts', 'GET / HTTP/1.1\r\nHost: a,b\r\n\r\n', 400],
    ['no host before 1.1', 'GET / HTTP/1.0\r\n\r\n', 400],
    ['no version', 'GET /\r\n\r\n', 505],
    ['version 0.9', 'GET / HTTP/0.9\r\nHost: a\r\n\r\n', 505],
    ['version 2.0', 'GET / HTTP/2.0\r\nHost: a\r\n\r\n', 505],
    ['version 1.2', 'GET / HTTP/1.2\r\nHost: a\r\n\r\n', 400],
    ['lines that end with LF', 'GET / HTTP/1.1\nHost: a\n\n', 400],
    ['a folded first line', 'GET / HTTP/1.1\r\n Host: a\r\n\r\n', 400],
    ['chunks before 1.1', request('POST / HTTP/1.0', ['Transfer-Encoding: chunked'], '0\r\n\r\n'), 400],
    ['the URL of another host', request('GET http://other.example/ HTTP/1.1'), 400],
    ['the URL of another port', request('GET http://shop.example:81/ HTTP/1.1'), 400],
    ['a URL with a user', request('GET http://user@shop.example/ HTTP/1.1'), 400],
    ['a URL of another scheme', request('GET ftp://shop.example/ HTTP/1.1'), 400],
    ['another expectation', request('GET / HTTP/1.1', ['Expect: 200-ok']), 417],
    ['two expectations', request('GET / HTTP/1.1', ['Expect: 100-continue', 'Expect: x']), 400],
    ['a preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400],
  ])('are refused: %s', async (_, bytes, status) => {
    await expectRefused(bytes, status)
  })

  it('are the last ones of their connection', async () => {
    const doubtful = request('POST / HTTP/1.1', ['Transfer-Encoding: gzip, chunked'], '0\r\n\r\n')
    const reply = await front.send(doubtful + HIDDEN)
    expect(reply.text).toMatch(/^connection: close\r$/im)
    expect(front.received).toEqual([])
  })

  it('end where the length says, so that what follows is a request of its own', async () => {
    const first = request('POST /a HTTP/1.1', [`Content-Length: ${HIDDEN.length}`], HIDDEN)
    const { statuses } = await front.send(first + request('GET /b HTTP/1.1'))
    expect(statuses).toEqual([200, 200])
    expect(front.received).toMatchObject([
      { method: 'POST', url: '/a', body: HIDDEN },
      { method: 'GET', url: '/b', body: '' },
    ])
  })

  it('end with the last chunk, whose trailer is dropped', async () => {
    const body = '5;name=value\r\nhello\r\n0\r\nAuthorization: Bearer forged\r\n\r\n'
    const { statuses } = await front.send(
      request('POST /a HTTP/1.1', ['Transfer-Encoding: Chunked', 'Trailer: Authorization'], body),
    )
    expect(statuses).toEqual([200])
    expect(front.received).toMatchObject([{ url: '/a', body: 'hello' }])
    expect(front.received[0]?.fields.join()).not.toMatch(/forged|trailer/i)
  })

  it('are broken off where an extension of a chunk has no end', async () => {
    const body = `5;${'a'.repeat(1024 * 1024)}\r\nhello\r\n0\r\n\r\n`
    await front.send(request('POST /a HTTP/1.1', ['Transfer-Encoding: chunked'], body))
    expect(front.received).toEqual([])
  })
})

describe('I-40 requests that are unusual, and clear', () => {
  it.each([
    [
      'a GET with a length',
      request('GET /a HTTP/1.1', ['Content-Length: 2'], 'hi'),
      { url: '/a', body: 'hi' },
    ],
    [
      'a GET in chunks',
      request('GET /a HTTP/1.1', ['Transfer-Encoding: chunked'], '2\r\nhi\r\n0\r\n\r\n'),
      { url: '/a', body: 'hi' },
    ],
    ['a POST without a body', request('POST /a HTTP/1.1', ['Content-Length: 0']), { url: '/a', body: '' }],
    ['version 1.0', request('GET /a HTTP/1.0'), { url: '/a', body: '' }],
    ['the URL of this host', request('GET http://SHOP.example./a?b HTTP/1.1'), { url: '/a?b' }],
    ['the URL of this host without a path', request('GET http://shop.example?b HTTP/1.1'), { url: '/?b' }],
    [
      'a value beyond ASCII',
      request('GET /a HTTP/1.1', ['X-A: caf\xe9']),
      { fields: expect.arrayContaining(['x-a', 'caf\xe9']) },
    ],
  ])('are forwarded: %s', async (_, bytes, received) => {
    const { statuses } = await front.send(bytes)
    expect(statuses).toEqual([200])
    expect(front.received).toMatchObject([received])
  })

  it('are asked for their body where they wait for it', async () => {
    const { statuses } = await front.send(
      request('POST /a HTTP/1.1', ['Content-Length: 2', 'Expect: 100-Continue'], 'hi'),
    )
    expect(statuses).toEqual([100, 200])
    expect(front.received).toMatchObject([{ url: '/a', body: 'hi' }])
    expect(front.received[0]?.fields).not.toContain('expect')
  })

  it('before 1.1 are not asked for a body: there was no 100 Continue', async () => {
    await front.send(request('POST /a HTTP/1.0', ['Content-Length: 2', 'Expect: 100-continue'], 'hi'))
    expect(front.read).toMatchObject([{ body: 'sized', expectsContinue: false }])
  })
})

describe('I-43 methods', () => {
  it.each([
    ['get', 400],
    ['Get', 400],
    ['TRACK', 400],
    ['G'.repeat(1024), 400],
    ['GET\t', 400],
    ['TRACE', 405],
  ])('that no route can have are refused: %s', async (method, status) => {
    await expectRefused(request(`${method} / HTTP/1.1`), status)
  })

  it('do not open tunnels', async () => {
    await expectRefused(request('CONNECT shop.example:443 HTTP/1.1'), 405)
  })

  it('that are allowed are told where one is not', async () => {
    const { text } = await front.send(request('TRACE / HTTP/1.1'))
    expect(text).toMatch(/^allow: GET, POST\r$/im)
  })

  it('are those of the request line, whatever fields say', async () => {
    const lines = ['X-HTTP-Method-Override: DELETE', 'X-HTTP-Method: DELETE', 'X-Method-Override: DELETE']
    await front.send(request('POST /a HTTP/1.1', [...lines, 'Content-Length: 0']))
    expect(front.received).toMatchObject([{ method: 'POST' }])
    expect(front.received[0]?.fields.join()).not.toContain('DELETE')
  })
})

describe('I-48 headers', () => {
  it.each([
    ['too many lines', Array.from({ length: 100 }, (_, i) => `X-${i}: a`)],
    ['far too many lines', Array.from({ length: 3000 }, () => 'a: b')],
    ['too many bytes', [`X-A: ${'a'.repeat(16 * 1024)}`]],
  ])('are refused with %s', async (_, lines) => {
    await expectRefused(request('GET / HTTP/1.1', lines), 431)
  })

  it('may have as many lines as there may be', async () => {
    const { statuses } = await front.send(
      request(
        'GET / HTTP/1.1',
        Array.from({ length: 99 }, (_, i) => `X-${i}: a`),
      ),
    )
    expect(statuses).toEqual([200])
    expect(front.received[0]?.fields).toContain('x-98')
  })

  it('are broken off by the parser where they have no end', async () => {
    await front.send(request('GET / HTTP/1.1', [`X-A: ${'a'.repeat(1024 * 1024)}`]))
    expect(front.read).toEqual([])
    expect(front.received).toEqual([])
  })

  it('I-12 with a credential of 1 MB never get as far as a key', async () => {
    await front.send(request('GET / HTTP/1.1', [`X-Api-Key: ${'a'.repeat(1024 * 1024)}`]))
    expect(front.received).toEqual([])
  })
})

describe('I-09 the PROXY protocol', () => {
  it.each([
    ['1', 'PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n'],
    ['2', '\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\x01\x02\x03\x04\x01\x02\x03\x04\0\x01\0\x02'],
  ])('is not spoken: version %s is refused', async (_, preface) => {
    await expectRefused(preface + request('GET / HTTP/1.1'))
  })
})

describe('upgrades', () => {
  const asks = (lines: readonly string[], line = 'GET / HTTP/1.1') => request(line, lines)

  it.each([
    ['WebSocket', ['Connection: keep-alive, Upgrade', 'Upgrade: WebSocket'], 'websocket'],
    ['h2c', ['Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AA'], 'h2c'],
    ['one of two', ['Connection: Upgrade', 'Upgrade: websocket, h2c'], 'websocket, h2c'],
    ['two lines', ['Connection: Upgrade', 'Upgrade: websocket', 'Upgrade: h2c'], 'websocket, h2c'],
    ['no connection', ['Upgrade: websocket'], null],
    ['another connection', ['Connection: close', 'Upgrade: websocket'], null],
  ])('are told by their protocol: %s', async (_, lines, upgrade) => {
    await front.send(asks(lines))
    expect(front.read).toMatchObject([{ upgrade }])
  })

  it('are not there before 1.1', async () => {
    await front.send(asks(['Connection: Upgrade', 'Upgrade: websocket'], 'GET / HTTP/1.0'))
    expect(front.read).toMatchObject([{ upgrade: null }])
  })

  it.each([
    ['a body', 'GET / HTTP/1.1', ['Content-Length: 5']],
    ['chunks', 'GET / HTTP/1.1', ['Transfer-Encoding: chunked']],
    ['another method', 'POST / HTTP/1.1', []],
  ])('to a WebSocket with %s are refused', async (_, line, lines) => {
    await expectRefused(asks([...lines, 'Connection: Upgrade', 'Upgrade: websocket'], line))
  })
})

describe('answers to requests that cannot be read', () => {
  it('are problem documents that repeat nothing of the request', async () => {
    const { text } = await front.send(
      'GET /evil%2f?evil HTTP/1.1\r\nHost: evil.example\r\nX-Evil: evil\r\n\r\n',
    )
    expect(text).toMatch(/^HTTP\/1\.1 400 Bad Request\r\ncontent-type: application\/problem\+json\r\n/i)
    expect(JSON.parse(text.slice(text.indexOf('{'), text.lastIndexOf('}') + 1))).toMatchObject({
      status: 400,
    })
    expect(text).not.toContain('evil')
  })
})
