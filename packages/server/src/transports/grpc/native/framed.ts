import { Writer } from '../../../protobuf/writer.ts'
import type { RpcMethod } from '../rpc-method.ts'
import { PREFIX_BYTES } from './message-reader.ts'

// One for all: streams of HTTP/2 keep nothing of what they are given.
const writer = new Writer()

/** An answer as it is sent: its length, and its octets. They are those of the next one once that is made. */
export function framed({ response }: RpcMethod['type'], answer: unknown): Buffer {
  writer.reset(PREFIX_BYTES)
  response.write(answer as never, writer)
  const octets = writer.finish()
  octets[0] = 0
  octets.writeUInt32BE(octets.length - PREFIX_BYTES, 1)
  return octets
}
