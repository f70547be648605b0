/** Bytes that are no message of the type that is read. */
export class ProtobufError extends Error {
  override readonly name = 'ProtobufError'
}
