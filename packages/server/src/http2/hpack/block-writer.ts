const MORE = 0x80
/** Of a string that is no Huffman code. */
const STRING_MASK = 0x7f
/** Up to here a loop is faster than a call of Node. */
const SHORT = 24
const NOTHING: Buffer = Buffer.alloc(0)

/** Writes the primitive types of RFC 7541, section 5, into a buffer that is large enough. */
export class BlockWriter {
  #into = NOTHING
  #at = 0

  /** Begins a block at `at`. */
  open(into: Buffer, at: number): void {
    this.#into = into
    this.#at = at
  }

  /** Lets go of the buffer, and tells where the block ends. */
  close(): number {
    this.#into = NOTHING
    return this.#at
  }

  octets(octets: Uint8Array): void {
    for (let i = 0; i < octets.length; i++) this.#into[this.#at++] = octets[i] as number
  }

  /** An integer whose prefix is the bits of `mask`; the others of its first octet are those of `kind` (section 5.1). */
  integer(value: number, kind: number, mask: number): void {
    const into = this.#into
    if (value < mask) {
      into[this.#at++] = kind | value
      return
    }
    into[this.#at++] = kind | mask
    let rest = value - mask
    for (; rest >= MORE; rest >>>= 7) into[this.#at++] = (rest & ~MORE) | MORE
    into[this.#at++] = rest
  }

  /** A string of latin1 text (section 5.2). */
  string(text: string): void {
    this.integer(text.length, 0, STRING_MASK)
    if (text.length > SHORT) this.#at += this.#into.write(text, this.#at, 'latin1')
    else for (let i = 0; i < text.length; i++) this.#into[this.#at++] = text.charCodeAt(i)
  }
}
