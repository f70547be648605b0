import { BlockWriter } from './block-writer.ts'
import { sizeOf } from './dynamic-table.ts'
import type { HeaderField } from './hpack-field.ts'
import {
  INDEXED,
  INDEXED_MASK,
  INSERTED,
  INSERTED_MASK,
  LITERAL_MASK,
  NEVER_INDEXED,
  SIZE_UPDATE,
  SIZE_UPDATE_MASK,
} from './representations.ts'
import { STATIC_FIELDS, STATIC_INDEXES, STATIC_NAMES } from './static-table.ts'

/** What the table of any client holds at first (RFC 9113, section 6.5.2). More is not used. */
const TABLE_BYTES_MAX = 4096
/** Whose values are few, and come again in every answer. Fields of other names are not put into the table. */
const REPEATED_NAMES: ReadonlySet<string> = new Set([
  ':status',
  'content-type',
  'grpc-status',
  'grpc-encoding',
  'grpc-accept-encoding',
])
/** The octets of an integer, at most. */
const INTEGER_BYTES_MAX = 5
const SIZE_UPDATE_BYTES_MAX = 2 * INTEGER_BYTES_MAX
/** How many lists are remembered. */
const LISTS = 4

/** One for all encoders: a block is encoded at once. */
const writer = new BlockWriter()

/** The most octets that {@link HpackEncoder.encode} writes for these fields. */
export function encodedBytesMax(fields: readonly HeaderField[]): number {
  let bytes = SIZE_UPDATE_BYTES_MAX
  for (const { name, value } of fields) bytes += name.length + value.length + 3 * INTEGER_BYTES_MAX
  return bytes
}

/** A list all of whose fields are in the tables, and its block if it has come again. */
interface KnownList {
  readonly fields: readonly HeaderField[]
  octets: Uint8Array | null
}

/**
 * Encodes the header blocks of one connection (RFC 7541). They have to be sent in the order in which they were encoded. What repeats
 * sits in the client's table after its first use and takes one octet; what varies is a literal without indexing. Nothing is ever
 * evicted: what finds no room in the table is a literal as well. Strings are not Huffman codes: those that are sent often are short.
 */
export class HpackEncoder {
  /** Which entry of the table a field is, from the oldest on, by name and value. */
  readonly #entries = new Map<string, Map<string, number>>()
  #length = 0
  #bytes = 0
  #bytesMax = TABLE_BYTES_MAX
  /** Whether the client has to be told. */
  #isResized = false
  /** Lists that are constants of their senders are looked for by their address. */
  readonly #lists: KnownList[] = []
  #oldest = 0

  /** What the client's SETTINGS_HEADER_TABLE_SIZE allows. Call it before these SETTINGS are acknowledged. */
  setTableBytesMax(octets: number): void {
    const bytesMax = Math.min(octets, TABLE_BYTES_MAX)
    if (bytesMax === this.#bytesMax) return
    this.#bytesMax = bytesMax
    this.#isResized = true
    this.#length = 0
    this.#bytes = 0
    this.#entries.clear()
    this.#lists.length = 0
  }

  /** Writes a block at `at` and returns where it ends. There have to be `encodedBytesMax(fields)` octets of room. */
  encode(fields: readonly HeaderField[], into: Buffer, at: number): number {
    writer.open(into, at)
    const known = this.#knownList(fields)
    if (known?.octets) {
      writer.octets(known.octets)
      return writer.close()
    }
    if (this.#isResized) this.#writeResize()
    let areIndexed = true
    for (const field of fields) areIndexed = this.#writeField(field) && areIndexed
    const end = writer.close()
    if (known !== undefined) known.octets = new Uint8Array(into.subarray(at, end))
    else if (areIndexed) this.#remember(fields)
    return end
  }

  #knownList(fields: readonly HeaderField[]): KnownList | undefined {
    for (const list of this.#lists) {
      if (list.fields === fields) return list
    }
    return undefined
  }

  #remember(fields: readonly HeaderField[]): void {
    const list = { fields, octets: null }
    if (this.#lists.length < LISTS) {
      this.#lists.push(list)
      return
    }
    this.#lists[this.#oldest] = list
    this.#oldest = (this.#oldest + 1) % LISTS
  }

  /** The client empties its table: 0 is not above the smallest size that was allowed since the last block (section 4.2). */
  #writeResize(): void {
    writer.integer(0, SIZE_UPDATE, SIZE_UPDATE_MASK)
    if (this.#bytesMax > 0) writer.integer(this.#bytesMax, SIZE_UPDATE, SIZE_UPDATE_MASK)
    this.#isResized = false
  }

  /** Writes a field; false where it was not in a table before. */
  #writeField(field: HeaderField): boolean {
    const { name, value, isNeverIndexed } = field
    const nameIndex = STATIC_NAMES.get(name) ?? 0
    const mayRepeat = isNeverIndexed === undefined && REPEATED_NAMES.has(name)
    const index = mayRepeat ? this.#indexOf(field) : 0
    if (index > 0) {
      writer.integer(index, INDEXED, INDEXED_MASK)
      return true
    }
    if (mayRepeat && this.#add(field)) writer.integer(nameIndex, INSERTED, INSERTED_MASK)
    else writer.integer(nameIndex, isNeverIndexed ? NEVER_INDEXED : 0, LITERAL_MASK)
    if (nameIndex === 0) writer.string(name)
    writer.string(value)
    return false
  }

  /** Where a field is; 0 where it is in no table. The newest of the dynamic table comes first (section 2.3.3). */
  #indexOf({ name, value }: HeaderField): number {
    const index = STATIC_INDEXES.get(name)?.get(value)
    if (index !== undefined) return index
    const entry = this.#entries.get(name)?.get(value)
    return entry === undefined ? 0 : STATIC_FIELDS.length + this.#length - 1 - entry
  }

  /** Adds a field to the table, where it has room. That moves all others. */
  #add(field: HeaderField): boolean {
    const bytes = this.#bytes + sizeOf(field)
    if (bytes > this.#bytesMax) return false
    const values = this.#entries.get(field.name) ?? new Map<string, number>()
    this.#entries.set(field.name, values.set(field.value, this.#length))
    this.#bytes = bytes
    this.#length += 1
    this.#lists.length = 0
    return true
  }
}
