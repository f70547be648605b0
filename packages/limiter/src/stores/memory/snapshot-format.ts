import { HeadgateError } from '../../core/errors.ts'
import { crc32 } from './crc32.ts'

/** What a snapshot begins with, in every version. */
const MAGIC = 'HEADGATE'
/** Another layout of the bytes, or another meaning of the numbers in a state, is another version. */
const VERSION = 1
/** Bytes: magic, version, checksum of all behind it, length of the head, unused. */
const PREFIX = 24
const CHECKED_FROM = 16
/** Doubles before the state of a record: as 32-bit integers fingerprint low and high, layout (negative: shared), size. */
const RECORD_HEAD = 2

/** One record: whose, in which layout, and its state. */
export interface SnapshotRecord {
  readonly low: number
  readonly high: number
  /** Number of its layout in the head, from 1; negative for a record that newcomers share. */
  readonly layout: number
  readonly state: Float64Array
}

/** Gathers records one after another. */
export class RecordWriter {
  #doubles = new Float64Array(4096)
  #end = 0

  add({ low, high, layout, state }: SnapshotRecord): void {
    const size = state.length
    this.#reserve(this.#end + RECORD_HEAD + size)
    new Int32Array(this.#doubles.buffer, this.#end * 8, 4).set([low, high, layout, size])
    this.#doubles.set(state, this.#end + RECORD_HEAD)
    this.#end += RECORD_HEAD + size
  }

  /** All of them, behind a head of plain data. */
  finish(head: object): Uint8Array {
    const text = new TextEncoder().encode(JSON.stringify(head))
    const begin = PREFIX + Math.ceil(text.length / 8) * 8
    const bytes = new Uint8Array(begin + this.#end * 8)
    bytes.set(new TextEncoder().encode(MAGIC))
    bytes.set(text, PREFIX)
    new Float64Array(bytes.buffer, begin).set(this.#doubles.subarray(0, this.#end))
    const words = new Uint32Array(bytes.buffer, 0, PREFIX / 4)
    words[2] = VERSION
    words[4] = text.length
    words[3] = crc32(bytes.subarray(CHECKED_FROM))
    return bytes
  }

  #reserve(size: number): void {
    if (size <= this.#doubles.length) return
    const larger = new Float64Array(Math.ceil(size * 1.5))
    larger.set(this.#doubles)
    this.#doubles = larger
  }
}

/** Reads the head of a snapshot, and its records, as often as they are asked for; an `invalid-snapshot` error where it is none. */
export function readSnapshot(given: Uint8Array): { head: unknown; records: Iterable<SnapshotRecord> } {
  if (new TextDecoder('latin1').decode(given.subarray(0, MAGIC.length)) !== MAGIC) {
    throw invalidSnapshot('this is no snapshot of Headgate')
  }
  if (given.length < PREFIX) throw damaged()
  // A view of doubles has to begin at a multiple of 8, which a slice of a larger buffer may not.
  const bytes = given.byteOffset % 8 === 0 ? given : given.slice()
  const words = new Uint32Array(bytes.buffer, bytes.byteOffset, PREFIX / 4)
  const [, , version = 0, checksum = 0, length = 0] = words
  if (version !== VERSION)
    throw invalidSnapshot(`version ${version} of the format is not ${VERSION}, which this Headgate reads`)
  if (crc32(bytes.subarray(CHECKED_FROM)) !== checksum) throw damaged()
  const begin = PREFIX + Math.ceil(length / 8) * 8
  if (begin > bytes.length || (bytes.length - begin) % 8 !== 0) throw damaged()
  const head: unknown = JSON.parse(new TextDecoder().decode(bytes.subarray(PREFIX, PREFIX + length)))
  const doubles = new Float64Array(bytes.buffer, bytes.byteOffset + begin, (bytes.length - begin) / 8)
  return { head, records: { [Symbol.iterator]: () => recordsOf(doubles)[Symbol.iterator]() } }
}

/** The error of bytes that cannot be used. */
export function invalidSnapshot(what: string, cause?: unknown): HeadgateError {
  return new HeadgateError('invalid-snapshot', `${what}; start without it, and nothing is remembered`, {
    cause,
  })
}

function damaged(): HeadgateError {
  return invalidSnapshot('the snapshot is damaged: its checksum does not fit')
}

function* recordsOf(doubles: Float64Array): Iterable<SnapshotRecord> {
  const ints = new Int32Array(doubles.buffer, doubles.byteOffset, doubles.length * 2)
  for (let from = 0; from < doubles.length; ) {
    const at = from * 2
    const [low, high, layout, size] = [ints[at], ints[at + 1], ints[at + 2], ints[at + 3]]
    const end = from + RECORD_HEAD + (size as number)
    if (!(end >= from + RECORD_HEAD && end <= doubles.length)) throw damaged()
    yield {
      low: low as number,
      high: high as number,
      layout: layout as number,
      state: doubles.subarray(from + RECORD_HEAD, end),
    }
    from = end
  }
}
