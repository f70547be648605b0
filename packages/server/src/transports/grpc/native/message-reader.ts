import { withoutStack } from '../../../service/without-stack.ts'
import { ARRIVING_BYTES_MAX } from '../grpc-limits.ts'
import { checkLength } from '../read-message.ts'
import { RpcError } from '../rpc-status.ts'

/** What stands before each message: a flag, and its length in four octets. */
export const PREFIX_BYTES = 5
const GROWTH_BYTES = 1024

/** A message is compressed, which is not understood. */
export const COMPRESSED = new RpcError('UNIMPLEMENTED', 'the message is compressed; send it as it is')
const UNKNOWN_FLAG = new RpcError('INTERNAL', 'the first octet before a message is neither 0 nor 1')

/** Takes messages out of the octets of a call, which come in pieces of any size. */
export class MessageReader {
  /** Called with each message that is whole, whose octets may be those of a piece. */
  readonly #take: (message: Buffer) => void
  readonly #prefix = Buffer.alloc(PREFIX_BYTES)
  #prefixBytes = 0
  /** Of a message that is not whole yet: as much room as has come, and somewhat more. */
  #message: Buffer | null = null
  #messageBytes = 0
  #length = 0

  constructor(take: (message: Buffer) => void) {
    this.#take = take
  }

  /** Whether all messages that have begun are whole. */
  get isBetween(): boolean {
    return this.#prefixBytes === 0
  }

  /** Reads on, from `start` to `end`. Throws for what is no message that is taken. */
  read(octets: Buffer, start: number, end: number): void {
    for (let at = start; at < end; ) at = this.readOne(octets, at, end)
  }

  /** The same, but no further than to the end of a message. Returns where that is; there have to be octets. */
  readOne(octets: Buffer, start: number, end: number): number {
    let at = start
    do at = this.#message === null ? this.#readPrefix(octets, at, end) : this.#readRest(octets, at, end)
    while (at < end && !this.isBetween)
    return at
  }

  #readPrefix(octets: Buffer, at: number, end: number): number {
    const read = Math.min(PREFIX_BYTES - this.#prefixBytes, end - at)
    octets.copy(this.#prefix, this.#prefixBytes, at, at + read)
    this.#prefixBytes += read
    const from = at + read
    if (this.#prefixBytes < PREFIX_BYTES) return from
    this.#length = messageLength(this.#prefix, 0)
    const to = from + this.#length
    if (to > end) {
      this.#message = Buffer.allocUnsafe(0)
      this.#messageBytes = 0
      return from
    }
    this.#prefixBytes = 0
    this.#take(octets.subarray(from, to))
    return to
  }

  #readRest(octets: Buffer, at: number, end: number): number {
    const read = Math.min(this.#length - this.#messageBytes, end - at)
    const message = this.#withRoom(this.#messageBytes + read)
    octets.copy(message, this.#messageBytes, at, at + read)
    this.#messageBytes += read
    this.#message = message
    if (this.#messageBytes === this.#length) {
      this.#message = null
      this.#prefixBytes = 0
      this.#take(message.subarray(0, this.#length))
    }
    return at + read
  }

  /** Room grows with what has come, and not with what was announced. */
  #withRoom(bytes: number): Buffer {
    const message = this.#message as Buffer
    if (message.length >= bytes) return message
    const larger = Buffer.allocUnsafe(Math.min(this.#length, bytes * 2 + GROWTH_BYTES))
    message.copy(larger, 0, 0, this.#messageBytes)
    return larger
  }
}

/** The length of the message whose prefix stands there. Throws for what is no message that is taken. */
export function messageLength(octets: Buffer, at: number): number {
  const flag = octets[at]
  const length = octets.readUInt32BE(at + 1)
  if (flag === 1) throw COMPRESSED
  if (flag !== 0) throw UNKNOWN_FLAG
  if (length > ARRIVING_BYTES_MAX) {
    throw withoutStack(
      () => new RpcError('RESOURCE_EXHAUSTED', `the message has ${length} bytes; far too many`),
    )
  }
  checkLength(length)
  return length
}
