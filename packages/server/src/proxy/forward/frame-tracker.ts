/** Octets of the largest head: two, eight of the length, four of the mask. RFC 6455, section 5.2. */
const HEAD_MAX = 14
const LENGTH_OF_2 = 126
const LENGTH_OF_8 = 127

/** Follows the frames of a WebSocket without looking into them: knows when a frame of ours could stand between two of theirs. */
export class FrameTracker {
  readonly #head = Buffer.alloc(HEAD_MAX)
  #headBytes = 0
  #payloadLeft = 0

  /** Whether all frames so far are whole. */
  get isBetween(): boolean {
    return this.#headBytes === 0 && this.#payloadLeft === 0
  }

  feed(chunk: Buffer): void {
    let at = 0
    while (at < chunk.length) {
      if (this.#payloadLeft > 0) {
        const taken = Math.min(this.#payloadLeft, chunk.length - at)
        this.#payloadLeft -= taken
        at += taken
        continue
      }
      this.#head[this.#headBytes++] = chunk[at++] as number
      if (this.#headBytes < this.#headLength()) continue
      this.#payloadLeft = this.#payloadLength()
      this.#headBytes = 0
    }
  }

  #headLength(): number {
    if (this.#headBytes < 2) return 2
    const second = this.#head[1] as number
    const length = second & 0x7f
    const mask = (second & 0x80) === 0 ? 0 : 4
    if (length === LENGTH_OF_8) return 10 + mask
    return (length === LENGTH_OF_2 ? 4 : 2) + mask
  }

  #payloadLength(): number {
    const length = (this.#head[1] as number) & 0x7f
    if (length === LENGTH_OF_8) return Number(this.#head.readBigUInt64BE(2))
    return length === LENGTH_OF_2 ? this.#head.readUInt16BE(2) : length
  }
}
