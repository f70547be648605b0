import { HpackError } from './hpack-error.ts'
import { decodeHuffman } from './huffman.ts'

const MORE = 0x80
const IS_HUFFMAN = 0x80
/** Four octets after the prefix: 28 bits, which is more than any block is long (RFC 7541, section 5.1). */
const SHIFT_MAX = 21
const NOTHING: Buffer = Buffer.alloc(0)

/** Reads the primitive types of RFC 7541, section 5, from a block. Throws {@link HpackError} where it ends too early. */
export class BlockReader {
  #octets = NOTHING
  #at = 0
  #end = 0

  /** Begins with a block. */
  open(octets: Buffer, start: number, end: number): void {
    this.#octets = octets
    this.#at = start
    this.#end = end
  }

  /** Lets go of the block. */
  close(): void {
    this.#octets = NOTHING
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#end
  }

  /** The next octet, which is not read yet; 0 at the end. */
  peek(): number {
    return this.#at < this.#end ? (this.#octets[this.#at] as number) : 0
  }

  octet(): number {
    if (this.#at >= this.#end) throw new HpackError('A block ends too early')
    return this.#octets[this.#at++] as number
  }

  /** An integer whose first octet, read already, is `first`, and whose prefix is the bits of `mask` (section 5.1). */
  integer(first: number, mask: number): number {
    const prefix = first & mask
    return prefix < mask ? prefix : this.#longInteger(mask)
  }

  /** A string, as latin1 text (section 5.2). */
  string(): string {
    const first = this.octet()
    const length = this.integer(first, 0x7f)
    const from = this.#at
    const end = from + length
    if (end > this.#end) throw new HpackError('A string is longer than its block')
    this.#at = end
    if ((first & IS_HUFFMAN) !== 0) return decodeHuffman(this.#octets, from, end)
    return this.#octets.toString('latin1', from, end)
  }

  #longInteger(prefix: number): number {
    let value = prefix
    for (let shift = 0; shift <= SHIFT_MAX; shift += 7) {
      const octet = this.octet()
      value += (octet & ~MORE) << shift
      if ((octet & MORE) === 0) return value
    }
    throw new HpackError('An integer is too large')
  }
}
