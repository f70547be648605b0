import type { HeaderField } from './hpack-field.ts'

/** What a field takes of a table, and of the size of a list (RFC 7541, section 4.1). */
const FIELD_OVERHEAD = 32

/** The size of a field (RFC 7541, section 4.1). */
export function sizeOf({ name, value }: HeaderField): number {
  return name.length + value.length + FIELD_OVERHEAD
}

/** The dynamic table of a decoder (RFC 7541, section 2.3.2): a ring, whose newest field has the lowest index. */
export class DynamicTable {
  /** As many places as there can be fields; those that are empty hold nothing. */
  readonly #ring: (HeaderField | undefined)[] = []
  readonly #places: number
  #bytesMax: number
  #bytes = 0
  #length = 0
  /** Where the newest field is. */
  #newest = -1

  constructor(bytesMax: number) {
    this.#places = Math.max(Math.floor(bytesMax / FIELD_OVERHEAD), 1)
    this.#bytesMax = bytesMax
  }

  /** The field that was added `age` fields before the newest; undefined where there is none any more. */
  at(age: number): HeaderField | undefined {
    if (age >= this.#length) return undefined
    const place = this.#newest - age
    return this.#ring[place < 0 ? place + this.#places : place]
  }

  /** Adds a field, for which the oldest ones make room. One that is larger than the table empties it (section 4.4). */
  add(field: HeaderField): void {
    const size = sizeOf(field)
    this.#evict(this.#bytesMax - size)
    if (size > this.#bytesMax) return
    this.#newest = this.#newest + 1 === this.#places ? 0 : this.#newest + 1
    this.#ring[this.#newest] = field
    this.#length += 1
    this.#bytes += size
  }

  /** Changes what it may hold (section 4.3), to no more than it was made for. */
  resize(bytesMax: number): void {
    this.#bytesMax = bytesMax
    this.#evict(bytesMax)
  }

  #evict(bytesMax: number): void {
    while (this.#bytes > bytesMax && this.#length > 0) {
      const place = this.#newest - this.#length + 1
      const oldest = place < 0 ? place + this.#places : place
      this.#bytes -= sizeOf(this.#ring[oldest] as HeaderField)
      // What is evicted is let go of.
      this.#ring[oldest] = undefined
      this.#length -= 1
    }
  }
}
