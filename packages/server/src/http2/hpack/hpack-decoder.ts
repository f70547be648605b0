import { BlockCache } from './block-cache.ts'
import { BlockReader } from './block-reader.ts'
import { DynamicTable, sizeOf } from './dynamic-table.ts'
import { HpackError } from './hpack-error.ts'
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
import { internedName, STATIC_FIELDS } from './static-table.ts'

/** How blocks of a connection are decoded, and what they are made into. */
export interface HpackDecoderOptions<T> {
  /** Our SETTINGS_HEADER_TABLE_SIZE. Until a client has acknowledged another one it is 4096. */
  readonly tableBytesMax: number
  /** Most octets of a list of fields: names, values, and 32 for each field (RFC 9113, section 6.5.2). */
  readonly listBytesMax: number
  /**
   * Makes something of a list, which may be kept. Not called again for a block that is remembered: its answer is shared. HPACK does
   * not judge names and values (even a name may be empty): that is for this.
   */
  readonly interpret: (fields: readonly HeaderField[]) => T
  /** The answer for lists that are too large. */
  readonly tooLarge: T
}

/** Two are enough for an encoder (section 4.2); some send three. */
const SIZE_UPDATES_MAX = 8

/** One for all decoders: a block is decoded at once. */
const reader = new BlockReader()

/**
 * Decodes the header blocks of one connection (RFC 7541). All of them, in their order, whatever becomes of their streams. A block
 * that has not changed the table means the same until the table changes: such blocks are remembered, except for those with secrets.
 */
export class HpackDecoder<T> {
  readonly #options: HpackDecoderOptions<T>
  readonly #table: DynamicTable
  readonly #cache = new BlockCache<T>()
  /** Whether the block at hand may be remembered. */
  #isLasting = true

  constructor(options: HpackDecoderOptions<T>) {
    this.#options = options
    this.#table = new DynamicTable(options.tableBytesMax)
  }

  /** What a whole block, from `start` to `end`, was made into. Throws `HpackError`, after which there is no decoding on. */
  decode(block: Buffer, start: number, end: number): T {
    const cached = this.#cache.find(block, start, end)
    if (cached !== undefined) return cached.answer
    this.#isLasting = true
    const fields = this.#fieldsOf(block, start, end)
    const answer = fields === null ? this.#options.tooLarge : this.#options.interpret(fields)
    if (this.#isLasting && this.#cache.hasSeen) this.#cache.add(block.subarray(start, end), answer)
    return answer
  }

  #fieldsOf(block: Buffer, start: number, end: number): HeaderField[] | null {
    reader.open(block, start, end)
    try {
      this.#updateSize()
      return this.#readFields()
    } finally {
      reader.close()
    }
  }

  /** Updates come before all fields (section 4.2). */
  #updateSize(): void {
    for (let updates = 1; (reader.peek() & 0xe0) === SIZE_UPDATE; updates++) {
      const bytesMax = reader.integer(reader.octet(), SIZE_UPDATE_MASK)
      if (bytesMax > this.#options.tableBytesMax) throw new HpackError('A table size is larger than allowed')
      if (updates > SIZE_UPDATES_MAX) throw new HpackError('Too many table sizes')
      this.#table.resize(bytesMax)
      this.#change()
    }
  }

  /** All fields; null where they are too large. These are read to their end as well: the table has to be kept in step. */
  #readFields(): HeaderField[] | null {
    const { listBytesMax } = this.#options
    const fields: HeaderField[] = []
    let bytes = 0
    while (!reader.isAtEnd) {
      const field = this.#readField(reader.octet())
      bytes += sizeOf(field)
      if (bytes <= listBytesMax) fields.push(field)
    }
    return bytes <= listBytesMax ? fields : null
  }

  #readField(first: number): HeaderField {
    if ((first & INDEXED) !== 0) return this.#field(reader.integer(first, INDEXED_MASK))
    if ((first & INSERTED) !== 0) {
      const field = { name: this.#name(reader.integer(first, INSERTED_MASK)), value: reader.string() }
      this.#table.add(field)
      this.#change()
      return field
    }
    if ((first & SIZE_UPDATE) !== 0) throw new HpackError('A table size comes after a field')
    const name = this.#name(reader.integer(first, LITERAL_MASK))
    const value = reader.string()
    if ((first & NEVER_INDEXED) === 0) return { name, value }
    this.#isLasting = false
    return { name, value, isNeverIndexed: true }
  }

  /** The name of a literal: that of the field at an index, or, at 0, one that follows. */
  #name(index: number): string {
    return index === 0 ? internedName(reader.string()) : this.#field(index).name
  }

  /** Static and dynamic table are one (section 2.3.3); index 0 is none (section 6.1). */
  #field(index: number): HeaderField {
    const field = index < STATIC_FIELDS.length ? STATIC_FIELDS[index] : this.#dynamicField(index)
    if (index === 0 || field === undefined) throw new HpackError('There is no field at an index')
    return field
  }

  #dynamicField(index: number): HeaderField | undefined {
    return this.#table.at(index - STATIC_FIELDS.length)
  }

  #change(): void {
    this.#isLasting = false
    this.#cache.clear()
  }
}
