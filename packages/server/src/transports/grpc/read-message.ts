import { ProtobufError } from '../../protobuf/protobuf-error.ts'
import { badRequest } from '../../service/describe-failure.ts'
import { MESSAGE_BYTES_MAX } from './grpc-limits.ts'
import type { RpcMethod } from './rpc-method.ts'

/** Reads the message of a method. Nothing of it is kept that is not copied. */
export function readMessage({ type }: RpcMethod, octets: Buffer): never {
  checkLength(octets.length)
  try {
    return type.request.decode(octets)
  } catch (reason) {
    if (!(reason instanceof ProtobufError)) throw reason
    throw badRequest(`this is no ${type.request.name}: ${reason.message}`, '')
  }
}

/** Throws for a message of more than is looked at. */
export function checkLength(bytes: number): void {
  if (bytes <= MESSAGE_BYTES_MAX) return
  throw badRequest(`the message has ${bytes} bytes; send at most ${MESSAGE_BYTES_MAX}`, '')
}
