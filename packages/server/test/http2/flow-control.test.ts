import { describe, expect, it } from 'vitest'
import { OK, wire } from './wire.ts'
import { data, END_STREAM, frame, PADDED, POST, settings, windowUpdate } from './wire-frames.ts'

const WINDOW = 65_535
const whole = (path: string): Record<string, string> => ({ ...POST, ':path': path })

describe('windows for what we send', () => {
  it('cut a body into frames, and let the rest wait', async () => {
    const client = await wire()
    client.notes.whenRequested = (stream) => stream.respond(OK, Buffer.alloc(70_000, 'x'), null)
    const heard = await client.say(client.speaker.get(1))
    expect(heard).toEqual([
      'HEADERS 1 :status=200',
      ...[16_384, 16_384, 16_384, 16_383].map((n) => `DATA 1 ${n}`),
    ])
    // Neither window alone is enough.
    expect(await client.say(windowUpdate(1, 10_000))).toEqual([])
    expect(await client.say(windowUpdate(0, 4000))).toEqual(['DATA 1 4000'])
    expect(await client.say(windowUpdate(0, 4000))).toEqual(['DATA 1 465 END'])
  })

  it('let trailers wait for the body, and nothing else', async () => {
    const client = await wire({}, [4, 1])
    const { speaker } = client
    expect(await client.say(speaker.post(1, 'one'), speaker.post(3, 't'))).toEqual([
      'HEADERS 1 :status=200',
      'DATA 1 1',
      'HEADERS 3 :status=200',
      'DATA 3 1',
      'HEADERS 3 end=yes END',
    ])
    expect(await client.say(windowUpdate(1, 2))).toEqual(['DATA 1 2', 'HEADERS 1 end=yes END'])
    expect(client.listener.body(1).toString()).toBe('one')
  })

  it('become negative when settings make them smaller', async () => {
    const client = await wire({}, [4, 10])
    expect(await client.say(client.speaker.post(1, 'twelve chars'))).toEqual([
      'HEADERS 1 :status=200',
      'DATA 1 10',
    ])
    // Now the window of stream 1 is -7: 7 octets are owed before the next one may be sent.
    expect(await client.say(settings([4, 3]))).toEqual(['SETTINGS ACK'])
    expect(await client.say(windowUpdate(1, 7))).toEqual([])
    expect(await client.say(windowUpdate(1, 1))).toEqual(['DATA 1 1'])
    expect(await client.say(settings([4, 4]))).toEqual(['SETTINGS ACK', 'DATA 1 1', 'HEADERS 1 end=yes END'])
    expect(client.listener.body(1).toString()).toBe('twelve chars')
  })

  it('open for all streams when settings make them larger, a frame of each in turn', async () => {
    const client = await wire({}, [4, 0])
    client.notes.whenRequested = (stream) => stream.respond(OK, Buffer.alloc(20_000), null)
    await client.say(client.speaker.get(1), client.speaker.get(3))
    expect(await client.say(settings([4, 100_000]))).toEqual([
      'SETTINGS ACK',
      'DATA 1 16384',
      'DATA 3 16384',
      'DATA 1 3616 END',
      'DATA 3 3616 END',
    ])
  })

  it('may not overflow', async () => {
    const one = await wire()
    await one.say(one.speaker.get(1, { ':path': '/quiet' }))
    expect(await one.say(windowUpdate(1, 0x7fff_ffff))).toEqual(['RST_STREAM 1 FLOW_CONTROL_ERROR'])
    expect(await one.say(windowUpdate(0, 0x7fff_ffff))).toEqual(['GOAWAY 1 FLOW_CONTROL_ERROR'])

    const two = await wire()
    await two.say(two.speaker.get(1, { ':path': '/quiet' }), windowUpdate(1, 10))
    expect(await two.say(settings([4, 0x7fff_ffff]))).toEqual(['GOAWAY 1 FLOW_CONTROL_ERROR'])
    expect(two.notes.notes.at(-1)).toBe('aborted /quiet')
  })

  it('may not be opened by nothing', async () => {
    const client = await wire()
    await client.say(client.speaker.get(1, { ':path': '/quiet' }))
    expect(await client.say(windowUpdate(1, 0))).toEqual(['RST_STREAM 1 PROTOCOL_ERROR'])
    expect(await client.say(windowUpdate(0, 0))).toEqual(['GOAWAY 1 PROTOCOL_ERROR'])
  })

  it('tell a handler that writes when to wait, and when to go on', async () => {
    const client = await wire({}, [4, 5])
    await client.say(client.speaker.get(1, { ':path': '/quiet' }))
    const stream = client.notes.stream('/quiet')
    stream.open(OK)
    const octets = Buffer.from('abc')
    expect(stream.write(octets)).toBe(true)
    expect(stream.write(octets)).toBe(false)
    // What was written can be used again.
    octets.fill('?')
    expect(await client.hear()).toEqual(['HEADERS 1 :status=200', 'DATA 1 3', 'DATA 1 2'])
    expect(client.notes.notes.includes('drain /quiet')).toBe(false)
    expect(await client.say(windowUpdate(1, 100))).toEqual(['DATA 1 1'])
    expect(client.notes.notes.at(-1)).toBe('drain /quiet')
    stream.write(Buffer.from('d'))
    stream.finish([{ name: 'end', value: 'yes' }])
    expect(await client.hear()).toEqual(['DATA 1 1', 'HEADERS 1 end=yes END'])
    expect(client.listener.body(1).toString()).toBe('abcabcd')
  })
})

describe('windows for what we are sent', () => {
  const piece = data(1, Buffer.alloc(16_384))

  it('are given back as octets arrive, for the stream as long as more is to come', async () => {
    const client = await wire()
    expect(await client.say(client.speaker.headers(1, whole('/quiet')), piece)).toEqual([])
    expect(await client.say(piece)).toEqual(['WINDOW_UPDATE 1 32768'])
    const body = Array.from({ length: 30 }, () => piece)
    const heard = await client.say(...body)
    expect(heard.filter((text) => text.startsWith('WINDOW_UPDATE 1'))).toHaveLength(15)
    expect(heard.filter((text) => text.startsWith('WINDOW_UPDATE 0'))).toEqual(['WINDOW_UPDATE 0 524288'])
    expect(await client.say(data(1, Buffer.alloc(1000), END_STREAM))).toEqual([])
  })

  it('are not given back for a stream that its handler has reset on the spot', async () => {
    const client = await wire()
    const { notes } = client
    notes.onData = (stream) => {
      if (notes.notes.push('data') === 3) stream.reset(8)
    }
    const heard = await client.say(client.speaker.headers(1, whole('/quiet')), piece, piece, piece)
    expect(heard).toEqual(['RST_STREAM 1 CANCEL'])
  })

  it('count padding, and give it back', async () => {
    const client = await wire()
    const padded = Buffer.concat([Buffer.from([255]), Buffer.alloc(1), Buffer.alloc(255)])
    const frames = Array.from({ length: 127 }, () =>
      frame({ type: 'DATA', flags: PADDED, on: 1, payload: padded }),
    )
    const heard = await client.say(client.speaker.headers(1, whole('/quiet')), ...frames)
    expect(heard).toEqual([])
    expect(await client.say(frames[0] as Buffer)).toEqual([`WINDOW_UPDATE 1 ${257 * 128}`])
    expect(client.notes.notes.filter((note) => note === 'data /quiet 1')).toHaveLength(128)
  })

  it('stay closed while the handler holds, and open by what it releases', async () => {
    const client = await wire()
    client.notes.whenRequested = (stream) => stream.hold()
    const { speaker } = client
    expect(await client.say(speaker.headers(1, whole('/quiet')), piece, piece, piece)).toEqual([])
    client.notes.stream('/quiet').release(20_000)
    expect(await client.hear()).toEqual(['WINDOW_UPDATE 1 20000'])
    // No more than has come can be released.
    client.notes.stream('/quiet').release(1_000_000)
    expect(await client.hear()).toEqual([])
    expect(await client.say(piece)).toEqual([`WINDOW_UPDATE 1 ${3 * 16_384 - 20_000}`])
  })

  it('may not be exceeded', async () => {
    const client = await wire()
    client.notes.whenRequested = (stream) => stream.hold()
    const rest = data(1, Buffer.alloc(WINDOW - 3 * 16_384))
    await client.say(client.speaker.headers(1, whole('/quiet')), piece, piece, piece, rest)
    expect(await client.say(data(1, 'x'))).toEqual(['RST_STREAM 1 FLOW_CONTROL_ERROR'])
    expect(client.notes.notes.at(-1)).toBe('aborted /quiet')
  })

  it('of the connection are given back for streams that are closed, too', async () => {
    const client = await wire()
    client.notes.whenRequested = (stream) => stream.reset(8)
    await client.say(client.speaker.headers(1))
    const heard = await client.say(...Array.from({ length: 32 }, () => piece))
    expect(heard).toEqual(['WINDOW_UPDATE 0 524288'])
  })
})
