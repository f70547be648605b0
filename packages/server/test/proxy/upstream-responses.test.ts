import { describe, expect, it } from 'vitest'
import { answer, send, start, useUpstreams } from './upstream-fixture.ts'

const { fixture, serve } = useUpstreams()

/** What comes of a GET where the target writes this, and then does so. */
async function answeredBy(text: string, then: 'stay' | 'end' | 'reset' = 'stay') {
  const server = await serve((socket) => {
    socket.write(text, 'latin1', () => {
      if (then === 'end') socket.end()
      if (then === 'reset') setImmediate(() => socket.resetAndDestroy())
    })
  })
  return send(fixture().group({ targets: [server.url] }))
}

const failed = (why: string, hasBegun = false) => ({
  failure: { outcome: 'upstream-failed', status: 502, why, hasBegun },
})

describe('I-53 a response that is wrong', () => {
  it.each([
    ['has over 32 KiB of fields', `HTTP/1.1 200 OK\r\nx: ${'x'.repeat(32_768)}\r\n\r\n`, 'head-too-large'],
    ['has over 200 fields', `HTTP/1.1 200 OK\r\n${'x: 1\r\n'.repeat(201)}\r\n`, 'head-too-large'],
    [
      'has two lengths',
      'HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 2\r\n\r\nhi',
      'bad-response',
    ],
    ['has a list of lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 2, 2\r\n\r\nhi', 'bad-response'],
    [
      'has a length and chunks',
      'HTTP/1.1 200 OK\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n',
      'bad-response',
    ],
    [
      'has chunks and a length',
      'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ncontent-length: 2\r\n\r\n2\r\nhi\r\n0\r\n\r\n',
      'bad-response',
    ],
    [
      'has a field with a control character',
      'HTTP/1.1 200 OK\r\nx: a\x01b\r\ncontent-length: 0\r\n\r\n',
      'bad-response',
    ],
    [
      'has a field with a lone line feed',
      'HTTP/1.1 200 OK\r\nx: a\nset-cookie: a\r\ncontent-length: 0\r\n\r\n',
      'bad-response',
    ],
    ['has a space before a colon', 'HTTP/1.1 200 OK\r\nx : a\r\ncontent-length: 0\r\n\r\n', 'bad-response'],
    ['is of no HTTP', '\x16\x03\x01\x00\x00', 'bad-response'],
    [
      'changes the protocol unasked',
      'HTTP/1.1 101 X\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n',
      'bad-response',
    ],
    ['changes the protocol to none', 'HTTP/1.1 101 X\r\n\r\n', 'bad-response'],
    ['has over 10 heads that are none', 'HTTP/1.1 103 X\r\nlink: x\r\n\r\n'.repeat(11), 'too-many-interim'],
  ])('fails where it %s', async (_, text, why) => {
    const result = await answeredBy(text)
    expect(result).toMatchObject({ ...failed(why), calls: ['failure'] })
    expect(fixture().upstreams.states()[0]?.inFlight).toBe(0)
  })

  it('fails where its head broke off', async () => {
    expect(await answeredBy('HTTP/1.1 200 OK\r\nx:', 'end')).toMatchObject(failed('bad-response'))
  })

  it.each(['end', 'reset'] as const)(
    'fails where its body broke off after it had begun: %s',
    async (then) => {
      const texts = [
        'HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhi',
        'HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 9\r\n\r\nhi',
        'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhi\r\n',
        'HTTP/1.1 200 OK\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhi\r\n',
      ]
      for (const text of texts) {
        const result = await answeredBy(text, then)
        expect(result, text).toMatchObject({ ...failed('broke-off', true), calls: ['head', 'failure'] })
      }
    },
  )

  it('ends with the connection where it has no length, but not where that is reset', async () => {
    const text = 'HTTP/1.1 200 OK\r\n\r\nhi'
    expect(await answeredBy(text, 'end')).toMatchObject({ body: 'hi', failure: null })
    const server = await serve((socket) => socket.write(text))
    const result = start(fixture().group({ targets: [server.url] }))
    await expect.poll(() => result.body).toBe('hi')
    // At once after it has written, Node 22 would end its side in place of a reset.
    server.sockets[0]?.resetAndDestroy()
    await result.ended
    expect(result).toMatchObject(failed('broke-off', true))
  })
})

describe('a response that is odd', () => {
  it('is forwarded after heads that are none', async () => {
    const interim = 'HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n'.repeat(10)
    const result = await answeredBy(interim + answer('hi'))
    expect(result).toMatchObject({ status: 200, body: 'hi', calls: ['head', 'end'] })
    expect(result.fields).toEqual(['content-length', '2'])
  })

  it('has no body where its status has none, and nobody else gets what came for one', async () => {
    const answers = [
      'HTTP/1.1 204 X\r\ncontent-length: 2\r\n\r\nhi',
      'HTTP/1.1 204 X\r\n\r\nhi',
      answer('fine'),
    ]
    const server = await serve((socket, index) => socket.write(answers[index] as string))
    const group = fixture().group({ targets: [server.url] })
    for (const _ of [0, 1]) {
      expect(await send(group)).toMatchObject({ status: 204, fields: [], body: '', failure: null })
    }
    expect(await send(group)).toMatchObject({ status: 200, body: 'fine' })
    expect(server.sockets.length).toBe(3)
  })

  it('ends at its length, and nobody gets what comes after it', async () => {
    const server = await serve((socket, index) => {
      socket.write(`${answer(`${index}`)}${index === 0 ? answer('stray') : ''}`)
    })
    const group = fixture().group({ targets: [server.url] })
    for (const body of ['0', '1']) expect(await send(group)).toMatchObject({ body, failure: null })
  })

  it('keeps any status line that can be written again', async () => {
    expect(await answeredBy('HTTP/1.1 599 Gr\xfc\xdfe\r\ncontent-length: 0\r\n\r\n')).toMatchObject({
      status: 599,
    })
    expect(await answeredBy('HTTP/1.0 200 OK\r\n\r\nhi', 'end')).toMatchObject({ status: 200, body: 'hi' })
  })
})

describe('timeouts', () => {
  it('end a request whose response does not begin, at the target as well', async () => {
    const server = await serve(() => {})
    const result = start(fixture().group({ targets: [server.url] }))
    await expect.poll(() => server.received[0]).toContain('GET')
    fixture().clock.advance(29_900)
    expect(result.failure).toBeNull()
    fixture().clock.advance('400ms')
    await result.ended
    expect(result.failure).toEqual({
      outcome: 'upstream-timeout',
      status: 504,
      why: 'first-byte-timeout',
      hasBegun: false,
    })
    await expect.poll(() => server.sockets[0]?.destroyed).toBe(true)
    expect(server.received.length).toBe(1)
  })

  it('end a response that stands still, but not one that moves', async () => {
    const server = await serve((socket) => socket.write('HTTP/1.1 200 OK\r\n\r\na'))
    const result = start(fixture().group({ targets: [server.url] }))
    await expect.poll(() => result.body).toBe('a')
    fixture().clock.advance('59s')
    server.sockets[0]?.write('b')
    await expect.poll(() => result.body).toBe('ab')
    fixture().clock.advance('59s')
    expect(result.failure).toBeNull()
    fixture().clock.advance('2s')
    await result.ended
    expect(result.failure).toMatchObject({ outcome: 'upstream-timeout', why: 'idle-timeout', hasBegun: true })
  })

  it('end a response that the client does not read', async () => {
    const server = await serve((socket) => socket.write('HTTP/1.1 200 OK\r\n\r\na'))
    const result = start(fixture().group({ targets: [server.url] }), {}, () => false)
    await expect.poll(() => result.body).toBe('a')
    fixture().clock.advance('61s')
    await result.ended
    expect(result.failure).toMatchObject({ outcome: 'client-gone', why: 'client-stalled' })
  })

  it('end a request that takes too long in all', async () => {
    const server = await serve((socket) => socket.write('HTTP/1.1 200 OK\r\n\r\na'))
    const timeouts = { connectMs: 3000, firstByteMs: 30_000, idleMs: 60_000, totalMs: 1000 }
    const result = start(fixture().group({ targets: [server.url], timeouts }))
    await expect.poll(() => result.body).toBe('a')
    fixture().clock.advance(1200)
    await result.ended
    expect(result.failure).toMatchObject({ why: 'total-timeout', hasBegun: true })
  })

  it('leave no timer behind', async () => {
    const server = await serve((socket) => socket.write(answer('')))
    await send(fixture().group({ targets: [server.url] }))
    fixture().clock.advance('1s')
    expect(fixture().clock.pending).toBe(0)
  })
})
