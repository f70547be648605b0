// Copied by scripts/build-proto.ts from packages/server/src/protobuf/reader.ts; do not edit.
import { Buffer, isUtf8 } from 'node:buffer'
import { ProtobufError } from './protobuf-error.ts'

const VARINT = 0
const FIXED64 = 1
const LENGTH = 2
const FIXED32 = 5
const TWO_32 = 2 ** 32

/** Reads the wire format of protocol buffers; what goes beyond the bytes is an error, and nothing is guessed. */
export class Reader {
  readonly #bytes: Buffer
  #at = 0
  #end: number
  /** Upper half of the number read last. */
  #high = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.isBuffer(bytes)
      ? bytes
      : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#end = bytes.byteLength
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#end
  }

  /** The next field: its number times 8, plus how it is written. */
  tag(): number {
    const tag = this.#varint()
    if (this.#high !== 0 || tag < 8) throw new ProtobufError('a field has no number')
    return tag
  }

  uint32(): number {
    return this.#varint()
  }

  int32(): number {
    return this.#varint() | 0
  }

  bool(): boolean {
    return this.#varint() !== 0 || this.#high !== 0
  }

  /** A number of 64 bits; one beyond 2^53 - 1 would be another one here. */
  uint64(): number {
    const low = this.#varint()
    return safe(this.#high * TWO_32 + low)
  }

  int64(): number {
    const low = this.#varint()
    return safe((this.#high | 0) * TWO_32 + low)
  }

  double(): number {
    const value = this.#bytes.readDoubleLE(this.#take(8))
    return value
  }

  string(): string {
    const from = this.#takeLength()
    const text = this.#bytes.toString('utf8', from, this.#at)
    // Bytes that are no UTF-8 would all become one character, and keys would meet.
    if (text.includes('\uFFFD') && !isUtf8(this.#bytes.subarray(from, this.#at))) {
      throw new ProtobufError('a text is not UTF-8')
    }
    return text
  }

  bytes(): Buffer {
    const from = this.#takeLength()
    return this.#bytes.subarray(from, this.#at)
  }

  /** Enters a part that says its length, with nothing beyond it in sight; what is returned leaves it. */
  enter(): number {
    const length = this.#varint()
    const end = this.#at + length
    if (this.#high !== 0 || end > this.#end) throw truncated()
    const before = this.#end
    this.#end = end
    return before
  }

  leave(before: number): void {
    this.#end = before
  }

  /** Passes over a field that is not known. */
  skip(tag: number): void {
    switch (tag & 7) {
      case VARINT:
        this.#varint()
        break
      case FIXED64:
        this.#take(8)
        break
      case LENGTH:
        this.#takeLength()
        break
      case FIXED32:
        this.#take(4)
        break
      default:
        throw new ProtobufError('a field is written in a way that is not known')
    }
  }

  /** The lower half; the upper one stands in `#high`. */
  #varint(): number {
    const bytes = this.#bytes
    let low = 0
    this.#high = 0
    for (let i = 0; i < 10; i++) {
      if (this.#at >= this.#end) throw truncated()
      const byte = bytes[this.#at++] as number
      const bits = byte & 0x7f
      if (i < 4) low |= bits << (7 * i)
      else if (i === 4) {
        low |= bits << 28
        this.#high = bits >>> 4
      } else this.#high |= bits << (7 * i - 32)
      if (byte < 0x80) {
        this.#high >>>= 0
        return low >>> 0
      }
    }
    throw new ProtobufError('a number does not end')
  }

  #takeLength(): number {
    const length = this.#varint()
    if (this.#high !== 0) throw truncated()
    return this.#take(length)
  }

  #take(length: number): number {
    const from = this.#at
    if (from + length > this.#end) throw truncated()
    this.#at = from + length
    return from
  }
}

function safe(value: number): number {
  if (Number.isSafeInteger(value)) return value
  throw new ProtobufError('a number is beyond 2^53 - 1')
}

function truncated(): ProtobufError {
  return new ProtobufError('the message ends in the middle')
}
