import { describe, expect, it } from 'vitest'
import { wire } from './wire.ts'
import { data, END_STREAM, frame, POST, rstStream, uint32, windowUpdate } from './wire-frames.ts'

const answer = (on: number, body: string): string[] => [
  `HEADERS ${on} :status=200`,
  `DATA ${on} ${body.length}`,
  `HEADERS ${on} end=yes END`,
]

describe('streams of HTTP/2', () => {
  it('are answered by head, body and trailers', async () => {
    const client = await wire()
    expect(await client.say(client.speaker.post(1, 'hi'))).toEqual(answer(1, 'hi'))
    expect(client.listener.body(1).toString()).toBe('hi')
  })

  it('go their ways beside each other', async () => {
    const client = await wire()
    const { speaker } = client
    expect(await client.say(speaker.headers(1), speaker.headers(3), data(3, 'three', END_STREAM))).toEqual(
      answer(3, 'three'),
    )
    expect(await client.say(data(1, 'on'), data(1, 'e', END_STREAM))).toEqual(answer(1, 'one'))
  })

  it('take trailers as the end of a request', async () => {
    const client = await wire()
    const { speaker } = client
    const trailers = speaker.headers(1, { 'x-sum': '1' }, END_STREAM)
    // The block of the head was made after that of the trailers: both name their fields literally.
    expect(await client.say(speaker.headers(1), data(1, 'hi'), trailers)).toEqual(answer(1, 'hi'))
  })

  it.each<[string, Record<string, string>, number]>([
    ['that do not end the stream', { 'x-sum': '1' }, 0],
    ['with pseudo-fields', { ':path': '/' }, END_STREAM],
    ['with fields of a connection', { connection: 'close' }, END_STREAM],
  ])('refuse trailers %s', async (_name, fields, flags) => {
    const client = await wire()
    const { speaker } = client
    expect(await client.say(speaker.headers(1), speaker.headers(1, fields, flags))).toEqual([
      'RST_STREAM 1 PROTOCOL_ERROR',
    ])
    expect(client.notes.notes).toEqual(['request /', 'aborted /'])
  })

  it('refuse a body of another length than was announced', async () => {
    const client = await wire()
    const { speaker } = client
    expect(await client.say(speaker.post(1, 'long', { 'content-length': '3' }))).toEqual([
      'RST_STREAM 1 PROTOCOL_ERROR',
    ])
    expect(await client.say(speaker.post(3, 'short', { 'content-length': '6' }))).toEqual([
      'RST_STREAM 3 PROTOCOL_ERROR',
    ])
    expect(await client.say(speaker.get(5, { 'content-length': '6' }))).toEqual([
      'RST_STREAM 5 PROTOCOL_ERROR',
    ])
    const cut = [speaker.headers(7, { ...POST, 'content-length': '6' }), data(7, 'short')]
    expect(await client.say(...cut, speaker.headers(7, { a: 'b' }, END_STREAM))).toEqual([
      'RST_STREAM 7 PROTOCOL_ERROR',
    ])
    expect(await client.say(speaker.post(9, 'right', { 'content-length': '5' }))).toEqual(answer(9, 'right'))
  })

  it('ask for a body that waits to be asked for', async () => {
    const client = await wire()
    const { speaker } = client
    const head = speaker.headers(1, { ...POST, expect: '100-continue' })
    expect(await client.say(head)).toEqual(['HEADERS 1 :status=100'])
    expect(await client.say(data(1, 'hi', END_STREAM))).toEqual(answer(1, 'hi'))
  })

  it('do not ask for a body that nobody wants', async () => {
    const client = await wire()
    client.notes.whenRequested = (stream) => stream.respond([{ name: ':status', value: '413' }], null, null)
    expect(await client.say(client.speaker.headers(1, { ...POST, expect: '100-continue' }))).toEqual([
      'HEADERS 1 :status=413 END',
      'RST_STREAM 1 NO_ERROR',
    ])
  })

  it('end by an answer before the request has ended, and let what is on its way pass', async () => {
    const client = await wire()
    client.notes.whenRequested = (stream) => stream.respond([{ name: ':status', value: '404' }], null, null)
    const { speaker } = client
    expect(await client.say(speaker.headers(1))).toEqual([
      'HEADERS 1 :status=404 END',
      'RST_STREAM 1 NO_ERROR',
    ])
    expect(await client.say(data(1, 'late'), speaker.headers(1, { a: 'b' }, END_STREAM))).toEqual([])
    expect(client.notes.notes).toEqual(['request /'])
  })

  it('tell the handler nothing of a request that it has answered, though the answer waits for a window', async () => {
    const client = await wire({}, [4, 0])
    client.notes.whenRequested = (stream) =>
      stream.respond([{ name: ':status', value: '404' }], Buffer.from('no'), null)
    expect(await client.say(client.speaker.headers(1))).toEqual(['HEADERS 1 :status=404'])
    expect(await client.say(data(1, 'bo'), data(1, 'dy', END_STREAM))).toEqual([])
    expect(await client.say(windowUpdate(1, 10))).toEqual(['DATA 1 2 END'])
    expect(client.notes.notes).toEqual(['request /'])
  })

  it('are over for the handler once their client gives them up', async () => {
    const client = await wire()
    expect(await client.say(client.speaker.headers(1, { ...POST, ':path': '/quiet' }), rstStream(1))).toEqual(
      [],
    )
    expect(client.notes.notes).toEqual(['request /quiet', 'aborted /quiet'])
    const stream = client.notes.stream('/quiet')
    expect(stream.hasEnded).toBe(true)
    stream.respond([{ name: ':status', value: '200' }], null, null)
    stream.open([{ name: ':status', value: '200' }])
    expect(stream.write(Buffer.from('x'))).toBe(true)
    stream.finish(null)
    stream.reset(8)
    stream.release(5)
    expect(await client.hear()).toEqual([])
  })

  it('are answered once, whatever the handler says afterwards', async () => {
    const client = await wire()
    client.notes.whenRequested = (stream) => {
      stream.open([{ name: ':status', value: '200' }])
      stream.respond([{ name: ':status', value: '500' }], null, null)
      stream.open([{ name: ':status', value: '500' }])
      stream.write(Buffer.from('body'))
      stream.finish(null)
      stream.finish(null)
      stream.write(Buffer.from('more'))
    }
    expect(await client.say(client.speaker.get(1))).toEqual([
      'HEADERS 1 :status=200',
      'DATA 1 4',
      'DATA 1 0 END',
    ])
  })

  it('are answered as was said, whatever is said while the answer waits', async () => {
    const client = await wire({}, [4, 2])
    await client.say(client.speaker.post(1, 'four'))
    const stream = client.notes.stream('/')
    stream.write(Buffer.from('more'))
    stream.finish(null)
    stream.reset(8)
    expect(await client.hear()).toEqual([])
    expect(await client.say(windowUpdate(1, 100))).toEqual(['DATA 1 2', 'HEADERS 1 end=yes END'])
  })

  it('cannot be used again: after a reset by us what comes is ignored', async () => {
    const client = await wire()
    const { speaker } = client
    await client.say(speaker.headers(1), speaker.headers(1, { ':path': '/' }))
    expect(await client.say(data(1, 'late'), windowUpdate(1, 5), rstStream(1))).toEqual([])
  })

  it('cannot be used again: after a reset by the client a frame is a mistake of the stream', async () => {
    const client = await wire()
    const { speaker } = client
    await client.say(speaker.headers(1), rstStream(1))
    expect(await client.say(data(1, 'late'))).toEqual(['RST_STREAM 1 STREAM_CLOSED'])
    expect(await client.say(speaker.headers(1))).toEqual(['RST_STREAM 1 STREAM_CLOSED'])
  })

  it('cannot be used again: after their end a frame is a mistake of the connection', async () => {
    const client = await wire()
    await client.say(client.speaker.post(1, 'hi'))
    expect(await client.say(windowUpdate(1, 5), rstStream(1))).toEqual([])
    expect(await client.say(data(1, 'late'))).toEqual(['GOAWAY 1 STREAM_CLOSED'])
    expect(client.hasEnded).toBe(true)
  })

  it('cannot be opened below others', async () => {
    const client = await wire()
    await client.say(client.speaker.post(5, 'hi'))
    expect(await client.say(client.speaker.post(3, 'hi'))).toEqual(['GOAWAY 5 PROTOCOL_ERROR'])
  })

  it('are refused what their client may not send while they wait for the answer', async () => {
    const client = await wire()
    const { speaker } = client
    await client.say(speaker.get(1, { ':path': '/quiet' }))
    expect(await client.say(data(1, 'more'))).toEqual(['RST_STREAM 1 STREAM_CLOSED'])
    expect(client.notes.notes.at(-1)).toBe('aborted /quiet')
  })

  it('may not depend on themselves', async () => {
    const client = await wire()
    const { speaker } = client
    const fields = speaker.block(POST)
    const payload = Buffer.concat([uint32(1), Buffer.from([0]), fields])
    expect(await client.say(frame({ type: 'HEADERS', flags: 0x24, on: 1, payload }))).toEqual([
      'RST_STREAM 1 PROTOCOL_ERROR',
    ])
    await client.say(speaker.headers(3))
    const priority = Buffer.concat([uint32(3), Buffer.from([0])])
    expect(await client.say(frame({ type: 'PRIORITY', on: 3, payload: priority }))).toEqual([
      'RST_STREAM 3 PROTOCOL_ERROR',
    ])
    // The table of fields was kept in step with what was refused.
    expect(await client.say(speaker.post(5, 'hi'))).toEqual(answer(5, 'hi'))
  })
})
