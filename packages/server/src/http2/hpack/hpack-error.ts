/** A block that cannot be decoded: from here on nobody knows what the table holds. Ends the connection by COMPRESSION_ERROR. */
export class HpackError extends Error {
  override readonly name = 'HpackError'
}
