import type { HeaderField } from './hpack-field.ts'

/** How blocks of a connection are decoded, and what they are made into. */
export interface HpackDecoderOptions<T> {
  /** Our SETTINGS_HEADER_TABLE_SIZE: 4096 where we have sent none. */
  readonly tableBytesMax: number
  /** Most octets of a list of fields: names, values, and 32 for each field (RFC 9113, section 6.5.2). */
  readonly listBytesMax: number
  /** Makes something of a list, which may be kept. Not called again for a block that is remembered: its answer is shared. */
  readonly interpret: (fields: readonly HeaderField[]) => T
  /** The answer for lists that are too large. */
  readonly tooLarge: T
}

/** Decodes the header blocks of one connection (RFC 7541). All of them, in their order, whatever becomes of their streams. */
export class HpackDecoder<T> {
  constructor(options: HpackDecoderOptions<T>) {
    void options
    throw new Error('not yet')
  }

  /** What a whole block, from `start` to `end`, was made into. Throws `HpackError`, after which there is no decoding on. */
  decode(block: Buffer, start: number, end: number): T {
    throw new Error(`not yet: ${block.length}, ${start}, ${end}`)
  }
}
