import { FRAME_SIZE_ERROR, PROTOCOL_ERROR } from './error-codes.ts'
import { FRAME_BYTES_MAX, FRAME_HEAD_BYTES, Frame, uint24, uint31 } from './frame.ts'

/** Whoever is told of what has been read. */
export interface FrameSink {
  /** Whether frames still matter: none is read where they do not. */
  readonly isReading: boolean
  onFrame(frame: Frame): void
  /** What comes is no HTTP/2, or a frame longer than we take. */
  onUnreadable(errorCode: number): void
}

/** What a client says first (RFC 9113, section 3.4). */
const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1')
const NOTHING: Buffer = Buffer.alloc(0)
/** Of a frame that comes in pieces, room for what has come grows from this: not for what it announces. */
const BEGUN_BYTES = 256

/** Cuts what a client sends into frames, in whatever pieces it comes. Frames that come whole are not copied. */
export class FrameReader {
  readonly #sink: FrameSink
  readonly #frame = new Frame()
  /** Octets of the preface that have come. */
  #greeted = 0
  /** A frame that has come in part, and how much of it has. */
  #begun: Buffer = NOTHING
  #begunBytes = 0
  /** Whole frames so far. */
  frames = 0

  constructor(sink: FrameSink) {
    this.#sink = sink
  }

  /** Whether the preface has come. */
  get isGreeted(): boolean {
    return this.#greeted === PREFACE.length
  }

  /** Whether a frame has begun and is not whole. */
  get isInside(): boolean {
    return this.#begunBytes > 0
  }

  /** Octets that are kept here. */
  get heldBytes(): number {
    return this.#begun.length
  }

  read(octets: Buffer): void {
    let at = this.isGreeted ? 0 : this.#greet(octets)
    if (this.#begunBytes > 0) at = this.#complete(octets, at)
    at = this.#readFrames(octets, at)
    // A client that is silent for long is not to keep what it has said.
    this.#frame.octets = NOTHING
    if (at < octets.length && this.#sink.isReading) this.#keep(octets, at, octets.length)
  }

  /** What was kept is of no use any more. */
  forget(): void {
    this.#begun = NOTHING
    this.#begunBytes = 0
  }

  #greet(octets: Buffer): number {
    const length = Math.min(PREFACE.length - this.#greeted, octets.length)
    if (PREFACE.compare(octets, 0, length, this.#greeted, this.#greeted + length) !== 0) {
      this.#sink.onUnreadable(PROTOCOL_ERROR)
    }
    this.#greeted += length
    return length
  }

  /** Reads the frames that lie there whole, and returns where what is left begins. */
  #readFrames(octets: Buffer, from: number): number {
    const sink = this.#sink
    const { length } = octets
    let at = from
    while (at + FRAME_HEAD_BYTES <= length && sink.isReading) {
      const bytes = uint24(octets, at)
      if (bytes > FRAME_BYTES_MAX) {
        sink.onUnreadable(FRAME_SIZE_ERROR)
        break
      }
      const end = at + FRAME_HEAD_BYTES + bytes
      if (end > length) break
      this.#tell(octets, at, end)
      at = end
    }
    return at
  }

  #tell(octets: Buffer, at: number, end: number): void {
    const frame = this.#frame
    frame.type = octets[at + 3] as number
    frame.flags = octets[at + 4] as number
    frame.streamId = uint31(octets, at + 5)
    frame.octets = octets
    frame.start = at + FRAME_HEAD_BYTES
    frame.end = end
    this.frames += 1
    this.#sink.onFrame(frame)
  }

  /** Goes on with the frame that has begun, and returns how much of the octets belonged to it. */
  #complete(octets: Buffer, from: number): number {
    let at = from
    if (this.#begunBytes < FRAME_HEAD_BYTES) {
      const headEnd = Math.min(at + FRAME_HEAD_BYTES - this.#begunBytes, octets.length)
      this.#keep(octets, at, headEnd)
      at = headEnd
      if (this.#begunBytes < FRAME_HEAD_BYTES) return at
    }
    const bytes = uint24(this.#begun, 0)
    if (bytes > FRAME_BYTES_MAX) {
      this.#sink.onUnreadable(FRAME_SIZE_ERROR)
      return octets.length
    }
    const total = FRAME_HEAD_BYTES + bytes
    const end = Math.min(at + total - this.#begunBytes, octets.length)
    this.#keep(octets, at, end)
    if (this.#begunBytes < total) return end
    const begun = this.#begun
    this.forget()
    this.#tell(begun, 0, total)
    return end
  }

  #keep(octets: Buffer, start: number, end: number): void {
    const bytes = this.#begunBytes + end - start
    if (bytes > this.#begun.length) {
      const room = Buffer.allocUnsafeSlow(Math.max(bytes, 2 * this.#begun.length, BEGUN_BYTES))
      this.#begun.copy(room, 0, 0, this.#begunBytes)
      this.#begun = room
    }
    octets.copy(this.#begun, this.#begunBytes, start, end)
    this.#begunBytes = bytes
  }
}
