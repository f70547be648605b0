/** RFC 9113, sections 5.1.2, 5.2, 6.5.3, 6.9: windows, both ways, and what settings do to open streams. */
import { describe, expect, it } from 'vitest'
import {
  CODE,
  data,
  END_HEADERS,
  END_STREAM,
  FRAME,
  headers,
  PADDED,
  post,
  request,
  rstStream,
  SETTING,
  settings,
  windowUpdate,
} from './octets.ts'
import { outcome } from './probe.ts'
import { bodyOf } from './probe-handler.ts'
import { ProbeServer } from './probe-server.ts'
import type { RawClient } from './raw-client.ts'

const WINDOW = 65_535
const FRAME_BYTES = 16_384

function large(stream: number, bytes: number): Buffer {
  return headers(stream, request([':path', `/large/${bytes}`]))
}

function body(client: RawClient, stream: number): number {
  return client.body(stream).length
}

/** How many octets the client may send on a stream, of what it was told so far; stream 0 is the connection. */
function granted(client: RawClient, stream: number): number {
  let start = WINDOW
  for (const { payload, flags } of client.of(FRAME.SETTINGS)) {
    for (let at = 0; stream !== 0 && flags === 0 && at < payload.length; at += 6)
      if (payload.readUInt16BE(at) === SETTING.INITIAL_WINDOW_SIZE) start = payload.readUInt32BE(at + 2)
  }
  const updates = client.of(FRAME.WINDOW_UPDATE, stream)
  return updates.reduce((sum, { payload }) => sum + payload.readUInt32BE(0), start)
}

describe('windows of a client', () => {
  it('are used up and no more, and used again when they open', async () => {
    await using server = await ProbeServer.listening()
    using client = server.greeted([SETTING.INITIAL_WINDOW_SIZE, 10])
    client.send(large(1, 100))
    await client.settled()
    expect(body(client, 1)).toBe(10)
    client.send(windowUpdate(1, 1))
    await client.settled()
    expect(body(client, 1)).toBe(11)
    client.send(windowUpdate(1, 88))
    await client.settled()
    expect(client.isAnswered(1)).toBe(false)
    client.send(windowUpdate(1, 1))
    await client.until(() => client.isAnswered(1))
    expect(client.body(1).equals(bodyOf(100))).toBe(true)
  })

  it('an answer without a body needs none', async () => {
    await using server = await ProbeServer.listening()
    using client = server.greeted([SETTING.INITIAL_WINDOW_SIZE, 0])
    client.send(large(1, 0))
    await client.until(() => client.isAnswered(1))
  })

  it('the one of the connection is shared by streams', async () => {
    await using server = await ProbeServer.listening()
    using client = server.greeted([SETTING.INITIAL_WINDOW_SIZE, 1_000_000])
    client.send(large(1, 50_000), large(3, 50_000), large(5, 0))
    await client.until(() => client.isAnswered(1) && client.isAnswered(5))
    await client.settled()
    expect(body(client, 1) + body(client, 3)).toBe(WINDOW)
    client.send(windowUpdate(0, 100_000 - WINDOW))
    await client.until(() => client.isAnswered(3))
    expect(client.body(3).equals(bodyOf(50_000))).toBe(true)
  })

  it('are negative where settings take back what was used: 6.9.2', async () => {
    await using server = await ProbeServer.listening()
    using client = server.greeted([SETTING.INITIAL_WINDOW_SIZE, 100])
    client.send(large(1, 150))
    await client.settled()
    client.send(settings([SETTING.INITIAL_WINDOW_SIZE, 20]), windowUpdate(1, 80))
    await client.settled()
    expect(body(client, 1), 'of 0').toBe(100)
    client.send(windowUpdate(1, 1))
    await client.settled()
    expect(body(client, 1)).toBe(101)
    client.send(settings([SETTING.INITIAL_WINDOW_SIZE, 69]))
    await client.until(() => client.isAnswered(1))
    expect(client.body(1).equals(bodyOf(150))).toBe(true)
  })

  it('open for all streams that wait by settings', async () => {
    await using server = await ProbeServer.listening()
    using client = server.greeted([SETTING.INITIAL_WINDOW_SIZE, 0])
    const streams = Array.from({ length: 20 }, (_, i) => 1 + 2 * i)
    client.send(...streams.map((stream) => large(stream, 100)))
    await client.settled()
    expect(client.of(FRAME.DATA), 'not an octet').toEqual([])
    client.send(settings([SETTING.INITIAL_WINDOW_SIZE, 50], [SETTING.INITIAL_WINDOW_SIZE, 99]))
    await client.settled()
    expect(streams.map((stream) => body(client, stream))).toEqual(streams.map(() => 99))
    client.send(settings([SETTING.INITIAL_WINDOW_SIZE, 100]))
    await client.until(() => streams.every((stream) => client.isAnswered(stream)))
  })

  it('of a stream that is reset leave that of the connection to others', async () => {
    await using server = await ProbeServer.listening()
    using client = server.greeted([SETTING.INITIAL_WINDOW_SIZE, 1_000_000])
    client.send(large(1, WINDOW), large(3, 1000), large(5, 1000))
    await client.until(() => client.isAnswered(1))
    client.send(rstStream(3), windowUpdate(0, 1000))
    await client.until(() => client.isAnswered(5))
    expect(body(client, 3)).toBe(0)
  })

  it('bound frames, whose size is that of the settings', async () => {
    await using server = await ProbeServer.listening()
    using client = server.greeted([SETTING.INITIAL_WINDOW_SIZE, 1_000_000], [SETTING.MAX_FRAME_SIZE, 20_000])
    client.send(windowUpdate(0, 1_000_000), large(1, 200_000))
    await client.until(() => client.isAnswered(1))
    expect(Math.max(...client.of(FRAME.DATA).map(({ payload }) => payload.length))).toBeLessThanOrEqual(
      20_000,
    )
    expect(client.body(1).equals(bodyOf(200_000))).toBe(true)
  })

  it('hold trailers back too', async () => {
    await using server = await ProbeServer.listening()
    using client = server.greeted([SETTING.INITIAL_WINDOW_SIZE, 4999])
    client.send(headers(1, request([':path', '/parts/5000'])))
    await client.settled()
    expect([body(client, 1), client.of(FRAME.HEADERS, 1).length]).toEqual([4999, 1])
    client.send(windowUpdate(1, 1))
    await client.until(() => client.isAnswered(1))
    expect(client.body(1).equals(bodyOf(5000))).toBe(true)
    expect(client.of(FRAME.HEADERS, 1)).toHaveLength(2)
  })
})

describe('windows of the server', () => {
  it('are given back as a body arrives, so that any amount comes by one connection', async () => {
    await using server = await ProbeServer.listening()
    using client = server.greeted()
    await client.settled()
    const total = 1_500_000
    let [sent, stream, left] = [0, -1, 0]
    while (sent < total) {
      if (left === 0) {
        stream += 2
        left = 100_000
        client.send(headers(stream, post(), END_HEADERS))
      }
      const used = 100_000 - left
      const room = (): number => Math.min(granted(client, stream) - used, granted(client, 0) - sent, left)
      await client.until(() => room() > 0)
      const bytes = Math.min(room(), FRAME_BYTES)
      left -= bytes
      sent += bytes
      client.send(data(stream, Buffer.alloc(bytes), left === 0 ? END_STREAM : 0))
    }
    await client.until(() => client.isAnswered(stream))
    expect(client.body(stream).toString()).toBe('/ 100000')
  })

  it('are given back for padding', async () => {
    await using server = await ProbeServer.listening()
    using client = server.greeted()
    client.send(headers(1, post(), END_HEADERS))
    const padded = Buffer.alloc(256).fill(255, 0, 1)
    let sent = 0
    for (let i = 0; i < 400; i++) {
      await client.until(() => Math.min(granted(client, 0), granted(client, 1)) - sent > 512)
      client.send(data(1, padded, PADDED), data(1, Buffer.alloc(256)))
      sent += 512
    }
    client.send(data(1, '', END_STREAM))
    await client.until(() => client.isAnswered(1))
    expect(client.body(1).toString()).toBe(`/ ${400 * 256}`)
  })

  it('are given back for bodies that nobody wants', async () => {
    await using server = await ProbeServer.listening()
    using client = server.greeted()
    await client.settled()
    let sent = 0
    for (let stream = 1; sent < 2_000_000; stream += 2) {
      client.send(headers(stream, post(['connection', 'close']), END_HEADERS))
      for (let i = 0; i < 3; i++) {
        await client.until(() => granted(client, 0) - sent >= FRAME_BYTES)
        client.send(data(stream, Buffer.alloc(FRAME_BYTES)))
        sent += FRAME_BYTES
      }
    }
    expect(await client.settled()).toBe(true)
  })

  it('of a body that is held are not passed: its stream is reset', async () => {
    await using server = await ProbeServer.listening()
    using client = server.greeted()
    await client.settled()
    client.send(headers(1, post([':path', '/hold/0']), END_HEADERS))
    const window = granted(client, 1)
    for (let sent = 0; sent < window; sent += FRAME_BYTES)
      client.send(data(1, Buffer.alloc(Math.min(FRAME_BYTES, window - sent))))
    await client.settled()
    expect([outcome(client.frames), granted(client, 1)]).toEqual(['', window])
    client.send(data(1, '00'))
    await client.settled()
    expect(outcome(client.frames)).toBe('RST_STREAM 1 FLOW_CONTROL_ERROR')
  })

  it('of a body that is held grow by what is released', async () => {
    await using server = await ProbeServer.listening()
    using client = server.greeted()
    client.send(headers(1, post([':path', '/hold/100000']), END_HEADERS))
    let sent = 0
    for (let i = 0; i < 20; i++) {
      await client.until(() => Math.min(granted(client, 0), granted(client, 1)) - sent >= FRAME_BYTES)
      client.send(data(1, Buffer.alloc(FRAME_BYTES)))
      sent += FRAME_BYTES
    }
    client.send(data(1, '', END_STREAM))
    await client.until(() => client.isAnswered(1))
    expect(client.body(1).toString()).toBe(`/hold/100000 ${sent}`)
  })
})

describe('streams at once', () => {
  it('are as many as was said, and further ones are refused: 5.1.2', async () => {
    await using server = await ProbeServer.listening({ streamsMax: 10 })
    using client = server.greeted()
    await client.settled()
    const streams = Array.from({ length: 12 }, (_, i) => 1 + 2 * i)
    client.send(...streams.map((stream) => headers(stream, request([':path', '/never']))))
    await client.settled()
    expect(outcome(client.frames)).toBe('RST_STREAM 21 REFUSED_STREAM, RST_STREAM 23 REFUSED_STREAM')
    expect(server.handler.requests).toBe(10)
    client.send(rstStream(1), headers(25, request()))
    await client.until(() => client.isAnswered(25))
  })

  it('a refused one changes the table of fields like any other', async () => {
    await using server = await ProbeServer.listening({ streamsMax: 1 })
    using client = server.greeted()
    await client.settled()
    const kept = Buffer.concat([request(), Buffer.from([0x40, 1, 0x78, 1, 0x79])])
    client.send(headers(1, request([':path', '/never'])), headers(3, kept), rstStream(1))
    client.send(headers(5, Buffer.concat([request(), Buffer.from([0xbe])])))
    await client.until(() => client.isAnswered(5))
    expect(outcome(client.frames)).toBe('RST_STREAM 3 REFUSED_STREAM, 200 on 5')
  })

  it('GOAWAY names the last that was taken, and says why: 6.8', async () => {
    await using server = await ProbeServer.listening()
    using client = server.greeted()
    client.send(large(1, 5), large(7, 5), windowUpdate(0, 0))
    await client.ended()
    const [end] = client.of(FRAME.GOAWAY)
    expect([end?.payload.readUInt32BE(0), end?.payload.readUInt32BE(4)]).toEqual([7, CODE.PROTOCOL_ERROR])
    expect(end?.payload.toString('latin1', 8)).toBe('against the rules of HTTP/2')
  })
})
