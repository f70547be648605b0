// Copied by scripts/build-proto.ts from packages/server/src/protobuf/protobuf-error.ts; do not edit.
/** Bytes that are no message of the type that is read. */
export class ProtobufError extends Error {
  override readonly name = 'ProtobufError'
}
