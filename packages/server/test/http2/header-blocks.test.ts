import { describe, expect, it } from 'vitest'
import { NotingHandler, OK, wire } from './wire.ts'
import { continuation, END_HEADERS, END_STREAM, frame, POST } from './wire-frames.ts'

describe('header blocks', () => {
  it('that are too large are answered so, and the table is kept in step', async () => {
    const client = await wire()
    const { speaker } = client
    const large = { 'x-large': 'x'.repeat(16 * 1024) }
    const block = speaker.block({ ...POST, large: 'yes', ...large })
    const first = frame({ type: 'HEADERS', flags: END_STREAM, on: 1, payload: block.subarray(0, 16_000) })
    expect(await client.say(first, continuation(1, block.subarray(16_000), END_HEADERS))).toEqual([
      'HEADERS 1 :status=431 END',
    ])
    expect(await client.say(speaker.post(3, 'hi'))).toHaveLength(3)
    expect(client.notes.notes).toEqual(['request /', 'data / 2', 'end /'])
  })

  it('that are too large are answered as the handler says', async () => {
    const notes = new NotingHandler()
    const handler = Object.assign(notes, { tooLargeAnswer: [{ name: ':status', value: '200' }] })
    const client = await wire({ handler })
    const block = client.speaker.block({ ...POST, 'x-large': 'x'.repeat(16 * 1024) })
    const first = frame({ type: 'HEADERS', on: 1, payload: block.subarray(0, 16_000) })
    expect(await client.say(first, continuation(1, block.subarray(16_000), END_HEADERS))).toEqual([
      'HEADERS 1 :status=200 END',
      'RST_STREAM 1 NO_ERROR',
    ])
  })

  it('come in no more than eight pieces behind the first', async () => {
    const client = await wire()
    const block = client.speaker.block(POST)
    const first = frame({ type: 'HEADERS', flags: END_STREAM, on: 1, payload: block })
    const more = new Array(7).fill(continuation(1, Buffer.alloc(0)))
    expect(await client.say(first, ...more, continuation(1, Buffer.alloc(0), END_HEADERS))).toHaveLength(2)
    const second = frame({ type: 'HEADERS', flags: END_STREAM, on: 3, payload: client.speaker.block(POST) })
    expect(await client.say(second, ...new Array(8).fill(continuation(3, Buffer.alloc(0))))).toEqual([])
    expect(await client.say(continuation(3, Buffer.alloc(0)))).toEqual(['GOAWAY 1 ENHANCE_YOUR_CALM'])
  })

  it('are no longer than 128 KiB', async () => {
    const client = await wire()
    const first = frame({ type: 'HEADERS', on: 1, payload: Buffer.alloc(16_384) })
    const more = Array.from({ length: 7 }, () => continuation(1, Buffer.alloc(16_384)))
    expect(await client.say(first, ...more)).toEqual([])
    expect(await client.say(continuation(1, Buffer.alloc(1)))).toEqual(['GOAWAY 0 ENHANCE_YOUR_CALM'])
  })

  it('of one request with far too much are refused alone: those under way are answered', async () => {
    const client = await wire()
    await client.say(client.speaker.get(1, { ':path': '/quiet' }))
    const block = client.speaker.block({ ...POST, cookie: 'x'.repeat(100_000) })
    const first = block.subarray(0, 16_384)
    const length = Math.ceil(block.length / 16_384) - 1
    const frames = Array.from({ length }, (_, i) => {
      const payload = block.subarray((i + 1) * 16_384, (i + 2) * 16_384)
      return continuation(3, payload, i === length - 1 ? END_HEADERS : 0)
    })
    const begin = frame({ type: 'HEADERS', flags: END_STREAM, on: 3, payload: first })
    expect(await client.say(begin, ...frames)).toEqual(['HEADERS 3 :status=431 END'])
    client.notes.stream('/quiet').respond(OK, null, null)
    expect(await client.say(client.speaker.get(5, { ':path': '/quiet' }))).toEqual([
      'HEADERS 1 :status=200 END',
    ])
  })

  it('of answers are cut into frames', async () => {
    const client = await wire()
    const value = 'x'.repeat(40_000)
    client.notes.whenRequested = (stream) => stream.respond([...OK, { name: 'long', value }], null, null)
    expect(await client.say(client.speaker.get(1))).toEqual([
      'HEADERS 1 …',
      'CONTINUATION 1 …',
      'CONTINUATION 1',
    ])
  })
})
