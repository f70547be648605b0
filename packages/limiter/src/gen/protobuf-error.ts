// Copied by scripts/build-proto.ts from packages/server/src/protobuf/protobuf-error.ts; do not edit.
/** Bytes that are no message of the type that is read. */
export class ProtobufError extends Error {
  override readonly name = 'ProtobufError'

  /** Without a stack trace, which would cost more than to read a message. */
  constructor(message: string) {
    const { stackTraceLimit } = Error
    Error.stackTraceLimit = 0
    super(message)
    Error.stackTraceLimit = stackTraceLimit
  }
}
