/** Frames as they come, of octets in whatever pieces. */
import { CODE, END_STREAM, FRAME } from './octets.ts'

const HEAD_BYTES = 9

export interface Received {
  readonly type: number
  readonly flags: number
  readonly stream: number
  readonly payload: Buffer
}

export class FrameLog {
  /** All frames so far. */
  readonly frames: Received[] = []
  readonly #bodies = new Map<number, Buffer[]>()
  readonly #answered = new Set<number>()
  #rest: Buffer[] = []
  #restBytes = 0

  /** Takes octets; returns the frames that are whole by them. */
  read(chunk: Buffer): Received[] {
    this.#rest.push(chunk)
    this.#restBytes += chunk.length
    const came: Received[] = []
    for (let next = this.#next(); next !== null; next = this.#next()) came.push(next)
    for (const frame of came) this.#note(frame)
    return came
  }

  of(type: number, stream?: number): Received[] {
    return this.frames.filter((one) => one.type === type && (stream === undefined || one.stream === stream))
  }

  /** The octets of a body. */
  body(stream: number): Buffer {
    return Buffer.concat(this.#bodies.get(stream) ?? [])
  }

  /** Whether the answer on a stream is whole. */
  isAnswered(stream: number): boolean {
    return this.#answered.has(stream)
  }

  /** The code by which the server ends the connection; null where it does not. */
  get endCode(): string | null {
    const [first] = this.of(FRAME.GOAWAY)
    return first === undefined ? null : codeName(first.payload.readUInt32BE(4))
  }

  #note(frame: Received): void {
    const { type, flags, stream, payload } = frame
    this.frames.push(frame)
    if (type === FRAME.DATA) {
      const body = this.#bodies.get(stream)
      if (body === undefined) this.#bodies.set(stream, [payload])
      else body.push(payload)
    }
    if (isAnswer(type) && (flags & END_STREAM) !== 0) this.#answered.add(stream)
  }

  #next(): Received | null {
    if (this.#restBytes < HEAD_BYTES) return null
    let [rest = Buffer.alloc(0)] = this.#rest
    if (rest.length < HEAD_BYTES) rest = this.#join()
    const end = HEAD_BYTES + rest.readUIntBE(0, 3)
    if (this.#restBytes < end) return null
    if (rest.length < end) rest = this.#join()
    if (rest.length === end) this.#rest.shift()
    else this.#rest[0] = rest.subarray(end)
    this.#restBytes -= end
    return {
      type: rest.readUInt8(3),
      flags: rest.readUInt8(4),
      stream: rest.readUInt32BE(5),
      payload: rest.subarray(HEAD_BYTES, end),
    }
  }

  #join(): Buffer {
    const joined = Buffer.concat(this.#rest)
    this.#rest = [joined]
    return joined
  }
}

const TYPES = Object.keys(FRAME)
const CODES = Object.keys(CODE)

export function codeName(code: number): string {
  return CODES[code] ?? `code ${code}`
}

function isAnswer(type: number): boolean {
  return type === FRAME.DATA || type === FRAME.HEADERS
}

/** Frames for people to read: `HEADERS 1`, `RST_STREAM 1 CANCEL`, `GOAWAY PROTOCOL_ERROR`. */
export function described(frames: readonly Received[]): string {
  return frames.length === 0 ? 'nothing' : frames.map(describedOne).join(', ')
}

function describedOne({ type, flags, stream, payload }: Received): string {
  const name = TYPES[type] ?? `type ${type}`
  if (type === FRAME.GOAWAY) return `${name} ${codeName(payload.readUInt32BE(4))}`
  const on = stream === 0 ? name : `${name} ${stream}`
  if (type === FRAME.RST_STREAM) return `${on} ${codeName(payload.readUInt32BE(0))}`
  return isAnswer(type) && (flags & END_STREAM) !== 0 ? `${on} END_STREAM` : on
}
