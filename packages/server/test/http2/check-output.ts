/** What a server may send at all, whatever it was sent: checked of all its octets, without knowing what it read. */
import assert from 'node:assert/strict'
import { ACK, END_HEADERS, END_STREAM, FRAME } from './octets.ts'

const HEAD_BYTES = 9
const FRAME_BYTES_MAX = 2 ** 24 - 1
const ANSWERS: readonly number[] = [FRAME.DATA, FRAME.HEADERS]
const OF_STREAMS: readonly number[] = [...ANSWERS, FRAME.RST_STREAM, FRAME.WINDOW_UPDATE]
const OF_CONNECTION: readonly number[] = [FRAME.SETTINGS, FRAME.PING, FRAME.GOAWAY, FRAME.WINDOW_UPDATE]

type State = 'head' | 'body' | 'ended'

/** Throws where frames are not whole, not begun by settings, on wrong streams, or behind the end of their stream. */
export function checkOutput(octets: Buffer): void {
  const states = new Map<number, State>()
  let [at, last] = [0, 2 ** 31]
  for (let isFirst = true; at < octets.length; isFirst = false) {
    assert.ok(octets.length - at >= HEAD_BYTES, 'half a head of a frame')
    const length = octets.readUIntBE(at, 3)
    const [type, flags] = [octets.readUInt8(at + 3), octets.readUInt8(at + 4)]
    const stream = octets.readUInt32BE(at + 5)
    const payload = octets.subarray(at + HEAD_BYTES, at + HEAD_BYTES + length)
    assert.equal(payload.length, length, 'half a frame')
    assert.ok(length <= FRAME_BYTES_MAX)
    if (isFirst) assert.ok(type === FRAME.SETTINGS && (flags & ACK) === 0, 'settings come first')
    assert.ok(
      (stream === 0 ? OF_CONNECTION : OF_STREAMS).includes(type),
      `a frame ${type} on stream ${stream}`,
    )
    if (stream !== 0) checkStream(states, { type, flags, stream })
    if (type === FRAME.WINDOW_UPDATE) assert.notEqual(payload.readUInt32BE(), 0, 'a window grows by nothing')
    if (type === FRAME.GOAWAY) {
      assert.ok(payload.readUInt32BE() <= last, 'the last stream goes up')
      last = payload.readUInt32BE()
    }
    at += HEAD_BYTES + length
  }
}

interface OnStream {
  readonly type: number
  readonly flags: number
  readonly stream: number
}

function checkStream(states: Map<number, State>, { type, flags, stream }: OnStream): void {
  assert.equal(stream % 2, 1, `a stream ${stream} that no client opened`)
  const state = states.get(stream) ?? 'head'
  if (type === FRAME.RST_STREAM) {
    // RFC 9113, section 8.1: after a whole answer the rest of a request is declined by NO_ERROR.
    states.set(stream, 'ended')
    return
  }
  if (!ANSWERS.includes(type)) return
  assert.notEqual(state, 'ended', `a frame ${type} behind the end of stream ${stream}`)
  if (type === FRAME.HEADERS) assert.ok((flags & END_HEADERS) !== 0, 'a head in parts')
  else assert.equal(state, 'body', `a body before its head on stream ${stream}`)
  states.set(stream, (flags & END_STREAM) !== 0 ? 'ended' : 'body')
}
