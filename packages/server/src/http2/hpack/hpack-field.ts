/** A field of a header block. Values are octets as latin1 text. Shared by requests and tables: never written to. */
export interface HeaderField {
  /** In lower case; of pseudo-fields with the colon. */
  readonly name: string
  readonly value: string
  /** A secret that no table may hold, on no hop (RFC 7541, section 7.1.3). */
  readonly isNeverIndexed?: true
}
