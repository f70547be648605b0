import type { RpcMethod } from '../rpc-method.ts'
import { PREFIX_BYTES } from './message-reader.ts'

/** An answer as it is sent: its length, and its octets. */
export function framed({ response }: RpcMethod['type'], answer: unknown): Buffer {
  const message = response.encode(answer as never)
  const octets = Buffer.allocUnsafe(PREFIX_BYTES + message.length)
  octets[0] = 0
  octets.writeUInt32BE(message.length, 1)
  message.copy(octets, PREFIX_BYTES)
  return octets
}
