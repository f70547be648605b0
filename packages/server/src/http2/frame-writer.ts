import {
  CONTINUATION,
  DATA,
  FLAG_ACK,
  FLAG_END_HEADERS,
  FLAG_END_STREAM,
  FRAME_BYTES_MAX,
  FRAME_HEAD_BYTES,
  GOAWAY,
  HEADERS,
  PING,
  RST_STREAM,
  SETTINGS,
  WINDOW_UPDATE,
} from './frame.ts'
import { encodedBytesMax, type HpackEncoder } from './hpack/hpack-encoder.ts'
import type { HeaderField } from './hpack/hpack-field.ts'
import type { Output } from './output.ts'

/** Octets up to this are copied faster one by one. */
const SHORT_BYTES = 48
const PING_BYTES = 8

/** Encodes frames at the end of an output. */
export class FrameWriter {
  readonly #output: Output
  readonly #encoder: HpackEncoder

  constructor(output: Output, encoder: HpackEncoder) {
    this.#output = output
    this.#encoder = encoder
  }

  settings(settings: readonly (readonly [id: number, value: number])[]): void {
    let at = this.#head(6 * settings.length, SETTINGS << 8, 0)
    const { octets } = this.#output
    for (const [id, value] of settings) {
      octets.writeUInt16BE(id, at)
      at = octets.writeUInt32BE(value, at + 2)
    }
  }

  settingsAck(): void {
    this.#head(0, (SETTINGS << 8) | FLAG_ACK, 0)
  }

  /** A PING of our own, which is known by a number. */
  ping(mark: number): void {
    const at = this.#head(PING_BYTES, PING << 8, 0)
    this.#output.octets.writeDoubleBE(mark, at)
  }

  /** The answer to a PING whose payload begins at `start`. */
  pingAck(octets: Buffer, start: number): void {
    const at = this.#head(PING_BYTES, (PING << 8) | FLAG_ACK, 0)
    octets.copy(this.#output.octets, at, start, start + PING_BYTES)
  }

  /** `text` says why, in ASCII, to whoever debugs the client. */
  goaway(lastStreamId: number, errorCode: number, text = ''): void {
    const at = this.#head(8 + text.length, GOAWAY << 8, 0)
    this.#uint32(at, lastStreamId)
    this.#uint32(at + 4, errorCode)
    this.#output.octets.write(text, at + 8, 'latin1')
  }

  rstStream(streamId: number, errorCode: number): void {
    this.#uint32(this.#head(4, RST_STREAM << 8, streamId), errorCode)
  }

  windowUpdate(streamId: number, increment: number): void {
    this.#uint32(this.#head(4, WINDOW_UPDATE << 8, streamId), increment)
  }

  headers(streamId: number, fields: readonly HeaderField[], isEnd: boolean): void {
    const most = encodedBytesMax(fields)
    if (most > FRAME_BYTES_MAX) {
      this.#longHeaders(streamId, fields, isEnd)
      return
    }
    const output = this.#output
    const at = output.reserve(FRAME_HEAD_BYTES + most)
    const end = this.#encoder.encode(fields, output.octets, at + FRAME_HEAD_BYTES)
    const kind = (HEADERS << 8) | FLAG_END_HEADERS | (isEnd ? FLAG_END_STREAM : 0)
    this.#head(end - at - FRAME_HEAD_BYTES, kind, streamId)
  }

  /** The head of a DATA frame; `payload` has to follow, as long as was said, where that is more than nothing. */
  data(streamId: number, bytes: number, isEnd: boolean): void {
    const at = this.#head(bytes, (DATA << 8) | (isEnd ? FLAG_END_STREAM : 0), streamId)
    this.#output.at = at
  }

  /** The payload of a frame whose head was just encoded. */
  payload(octets: Uint8Array, start: number, end: number): void {
    const output = this.#output
    const at = output.at
    if (end - start <= SHORT_BYTES) {
      const into = output.octets
      for (let i = 0; i < end - start; i++) into[at + i] = octets[start + i] as number
    } else output.octets.set(octets.subarray(start, end), at)
    output.at = at + end - start
  }

  /** Fields that may be longer than one frame (RFC 9113, section 6.10). */
  #longHeaders(streamId: number, fields: readonly HeaderField[], isEnd: boolean): void {
    const block = Buffer.allocUnsafe(encodedBytesMax(fields))
    const length = this.#encoder.encode(fields, block, 0)
    for (let from = 0; from === 0 || from < length; from += FRAME_BYTES_MAX) {
      const to = Math.min(from + FRAME_BYTES_MAX, length)
      const type = from === 0 ? (HEADERS << 8) | (isEnd ? FLAG_END_STREAM : 0) : CONTINUATION << 8
      const at = this.#head(to - from, type | (to === length ? FLAG_END_HEADERS : 0), streamId)
      block.copy(this.#output.octets, at, from, to)
    }
  }

  /** The head of a frame, behind which its payload has room; returns where that begins. `kind` holds type and flags. */
  #head(bytes: number, kind: number, streamId: number): number {
    const output = this.#output
    const at = output.reserve(FRAME_HEAD_BYTES + bytes)
    const { octets } = output
    octets[at] = bytes >>> 16
    octets[at + 1] = bytes >>> 8
    octets[at + 2] = bytes
    octets[at + 3] = kind >>> 8
    octets[at + 4] = kind
    this.#uint32(at + 5, streamId)
    output.at = at + FRAME_HEAD_BYTES + bytes
    return at + FRAME_HEAD_BYTES
  }

  #uint32(at: number, value: number): void {
    const { octets } = this.#output
    octets[at] = value >>> 24
    octets[at + 1] = value >>> 16
    octets[at + 2] = value >>> 8
    octets[at + 3] = value
  }
}
