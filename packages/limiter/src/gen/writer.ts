// Copied by scripts/build-proto.ts from packages/server/src/protobuf/writer.ts; do not edit.
import { Buffer } from 'node:buffer'

const TWO_32 = 2 ** 32
const SIZE = 256

/** Writes the wire format of protocol buffers. */
export class Writer {
  #bytes = Buffer.allocUnsafe(SIZE)
  #at = 0

  finish(): Buffer {
    return this.#bytes.subarray(0, this.#at)
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
    this.#length(() => {
      this.#at += this.#bytes.write(text, this.#at)
    })
  }

  bytes(value: Uint8Array): void {
    this.varint(value.byteLength)
    this.#need(value.byteLength)
    this.#bytes.set(value, this.#at)
    this.#at += value.byteLength
  }

  /** Writes a part with its length before it. */
  within(write: () => void): void {
    this.#need(5)
    this.#length(write)
  }

  /** Room is left for a short length; what is longer moves on. */
  #length(write: () => void): void {
    const from = this.#at
    this.#at += 1
    write()
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
