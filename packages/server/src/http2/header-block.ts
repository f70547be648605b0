import { FLAG_END_HEADERS, FLAG_END_STREAM, type Frame } from './frame.ts'

/**
 * Most CONTINUATION frames of a block, and most octets of all of it: far more than a request may have, since what is not read ends
 * the connection, and the answers to all requests on it are lost for one that has too much.
 */
const CONTINUATIONS_MAX = 8
const BLOCK_BYTES_MAX = 128 * 1024
const NOTHING: Buffer = Buffer.alloc(0)

/** A header block that comes in several frames, between which no others may come (RFC 9113, section 6.10). */
export class HeaderBlock {
  streamId = 0
  #flags = 0
  #octets: Buffer = NOTHING
  #length = 0
  #continuations = 0

  /** Whether one has begun and is not whole. */
  get isOpen(): boolean {
    return this.streamId !== 0
  }

  /** Octets that are kept here. */
  get heldBytes(): number {
    return this.#octets.length
  }

  /** Begins by a HEADERS frame. */
  begin(frame: Frame): void {
    this.streamId = frame.streamId
    this.#flags = frame.flags & FLAG_END_STREAM
    this.#continuations = 0
    this.#append(frame)
  }

  /** Goes on by a CONTINUATION frame; false where that is too much. */
  goOn(frame: Frame): boolean {
    this.#continuations += 1
    if (this.#continuations > CONTINUATIONS_MAX || this.#length + frame.length > BLOCK_BYTES_MAX) return false
    this.#append(frame)
    return true
  }

  /** It is whole: makes of the last frame the one that it would have been. */
  end(frame: Frame): void {
    frame.flags = this.#flags | FLAG_END_HEADERS
    frame.octets = this.#octets
    frame.start = 0
    frame.end = this.#length
    this.streamId = 0
    this.#length = 0
    this.#octets = NOTHING
  }

  #append(frame: Frame): void {
    const length = this.#length + frame.length
    if (length > this.#octets.length) {
      const room = Buffer.allocUnsafeSlow(Math.max(length, 2 * this.#octets.length))
      this.#octets.copy(room, 0, 0, this.#length)
      this.#octets = room
    }
    frame.octets.copy(this.#octets, this.#length, frame.start, frame.end)
    this.#length = length
  }
}
