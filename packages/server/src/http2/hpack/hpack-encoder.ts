import type { HeaderField } from './hpack-field.ts'

/** The most octets that {@link HpackEncoder.encode} writes for these fields. */
export function encodedBytesMax(fields: readonly HeaderField[]): number {
  throw new Error(`not yet: ${fields.length}`)
}

/** Encodes the header blocks of one connection (RFC 7541). They have to be sent in the order in which they were encoded. */
export class HpackEncoder {
  /** What the client's SETTINGS_HEADER_TABLE_SIZE allows. Call it before these SETTINGS are acknowledged. */
  setTableBytesMax(octets: number): void {
    throw new Error(`not yet: ${octets}`)
  }

  /** Writes a block at `at` and returns where it ends. There have to be `encodedBytesMax(fields)` octets of room. */
  encode(fields: readonly HeaderField[], into: Buffer, at: number): number {
    throw new Error(`not yet: ${fields.length}, ${into.length}, ${at}`)
  }
}
