import { base64url, bytesOfBase64url } from './base64url.ts'
import { keyedHash } from './keyed-hash.ts'
import { utf8 } from './utf8.ts'

const MARK_BYTES = 16
const STREAM_BYTES = 32

/**
 * Seals texts so that only who has the secrets can read or write them: SIV (Rogaway and Shrimpton, "Deterministic authenticated
 * encryption") with HMAC-SHA-256 as its two functions. The mark of a text is its hash; the text is combined with hashes of mark and
 * position. Of equal texts the sealed ones are equal, and as long as they are.
 */
export class Sealer {
  readonly #markOf: (bytes: Uint8Array) => Uint8Array
  readonly #streamOf: (bytes: Uint8Array) => Uint8Array

  constructor(markSecret: Uint8Array, streamSecret: Uint8Array) {
    this.#markOf = keyedHash(markSecret)
    this.#streamOf = keyedHash(streamSecret)
  }

  seal(text: string): string {
    const bytes = utf8(text).slice()
    const mark = this.#markOf(bytes).subarray(0, MARK_BYTES)
    const sealed = new Uint8Array(MARK_BYTES + bytes.length)
    sealed.set(mark)
    sealed.set(this.#combined(bytes, mark), MARK_BYTES)
    return base64url(sealed)
  }

  /** The text that was sealed; null for what was not, or by other secrets. */
  open(sealed: string): string | null {
    const given = bytesOfBase64url(sealed)
    if (given === null || given.length < MARK_BYTES) return null
    const mark = given.subarray(0, MARK_BYTES)
    const bytes = this.#combined(given.subarray(MARK_BYTES), mark)
    const expected = this.#markOf(bytes)
    let difference = 0
    for (let i = 0; i < MARK_BYTES; i++) difference |= (mark[i] as number) ^ (expected[i] as number)
    return difference === 0 ? new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes) : null
  }

  /** Bytes combined with the stream of a mark; twice is not at all. */
  #combined(bytes: Uint8Array, mark: Uint8Array): Uint8Array {
    const combined = new Uint8Array(bytes.length)
    const position = new Uint8Array(MARK_BYTES + 4)
    position.set(mark)
    const view = new DataView(position.buffer)
    for (let from = 0; from < bytes.length; from += STREAM_BYTES) {
      view.setUint32(MARK_BYTES, from / STREAM_BYTES)
      const stream = this.#streamOf(position)
      const end = Math.min(bytes.length, from + STREAM_BYTES)
      for (let i = from; i < end; i++) combined[i] = (bytes[i] as number) ^ (stream[i - from] as number)
    }
    return combined
  }
}
