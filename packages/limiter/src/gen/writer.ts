// Copied by scripts/build-proto.ts from packages/server/src/protobuf/writer.ts; do not edit.
import { Buffer } from 'node:buffer'

const TWO_32 = 2 ** 32
const SIZE = 256
/** What a writer may keep for what is written next. */
const KEPT_MAX = 65_536
/** Up to this many characters are written one by one, which is faster than what Node does for texts of any length. */
const SHORT = 32

/** Writes the wire format of protocol buffers. */
export class Writer {
  #bytes = Buffer.allocUnsafe(SIZE)
  #at = 0

  finish(): Buffer {
    return this.#bytes.subarray(0, this.#at)
  }

  /** Begins again behind this many octets, which are for others to write. What was written before is overwritten. */
  reset(octets: number): void {
    if (this.#bytes.length > KEPT_MAX) this.#bytes = Buffer.allocUnsafe(SIZE)
    this.#at = octets
  }

  /** A whole number up to 2^53 - 1, or down to -2^53 + 1, which takes ten bytes. */
  varint(value: number): void {
    this.#need(10)
    if (value >= 0 && value < 0x80) {
      this.#bytes[this.#at++] = value
      return
    }
    let low = value >>> 0
    let high = Math.floor(value / TWO_32) >>> 0
    while (high !== 0 || low >= 0x80) {
      this.#bytes[this.#at++] = (low & 0x7f) | 0x80
      low = ((low >>> 7) | (high << 25)) >>> 0
      high >>>= 7
    }
    this.#bytes[this.#at++] = low
  }

  double(value: number): void {
    this.#need(8)
    this.#at = this.#bytes.writeDoubleLE(value, this.#at)
  }

  string(text: string): void {
    // A character of UTF-16 takes three bytes of UTF-8 at most.
    this.#need(5 + text.length * 3)
    if (text.length <= SHORT && this.#ascii(text)) return
    const from = this.begin()
    this.#at += this.#bytes.write(text, this.#at)
    this.end(from)
  }

  bytes(value: Uint8Array): void {
    this.varint(value.byteLength)
    this.#need(value.byteLength)
    this.#bytes.set(value, this.#at)
    this.#at += value.byteLength
  }

  /** Begins a part that has its length before it; what is returned ends it. Room is left for a short length. */
  begin(): number {
    this.#need(5)
    const from = this.#at
    this.#at += 1
    return from
  }

  /** Ends such a part: what is longer moves on. */
  end(from: number): void {
    const length = this.#at - from - 1
    if (length < 0x80) {
      this.#bytes[from] = length
      return
    }
    const size = sizeOf(length)
    this.#need(size)
    this.#bytes.copyWithin(from + size, from + 1, this.#at)
    const end = this.#at + size - 1
    this.#at = from
    this.varint(length)
    this.#at = end
  }

  /** Writes a short text of ASCII; false for any other, of which nothing is written. */
  #ascii(text: string): boolean {
    const bytes = this.#bytes
    let at = this.#at + 1
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i)
      if (code >= 0x80) return false
      bytes[at++] = code
    }
    bytes[this.#at] = text.length
    this.#at = at
    return true
  }

  #need(size: number): void {
    const least = this.#at + size
    if (least <= this.#bytes.length) return
    const larger = Buffer.allocUnsafe(Math.max(least, this.#bytes.length * 2))
    this.#bytes.copy(larger, 0, 0, this.#at)
    this.#bytes = larger
  }
}

function sizeOf(length: number): number {
  let size = 1
  for (let rest = length; rest >= 0x80; rest >>>= 7) size += 1
  return size
}
