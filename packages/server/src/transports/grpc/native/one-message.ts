import { readMessage } from '../read-message.ts'
import type { RpcMethod } from '../rpc-method.ts'
import { RpcError } from '../rpc-status.ts'
import type { Intake } from './intake.ts'
import { MessageReader, messageLength, PREFIX_BYTES } from './message-reader.ts'
import type { NativeCall } from './native-call.ts'

const NO_MESSAGE = new RpcError('UNIMPLEMENTED', 'this method takes a message, and none was sent')
const SECOND_MESSAGE = new RpcError(
  'UNIMPLEMENTED',
  'this method takes one message; call it again for another',
)
/** Whoever sends half a message; also for those that send several. */
export const CUT_OFF = new RpcError('INTERNAL', 'the last message ends in the middle')

/** Answers a call whose message is there. */
export type Answer<M extends RpcMethod> = (call: NativeCall, method: M, request: never) => unknown

/** The message of a call that has one, which is answered when no more is to come. */
export class OneMessage<M extends RpcMethod> implements Intake {
  readonly call: NativeCall
  readonly #method: M
  readonly #answer: Answer<M>
  /** Of messages that come in pieces. */
  #reader: MessageReader | null = null
  #request: never | undefined

  constructor(call: NativeCall, method: M, answer: Answer<M>) {
    this.call = call
    this.#method = method
    this.#answer = answer
  }

  data(octets: Buffer, start: number, end: number): void {
    if (this.call.isOver) return
    try {
      if (this.#isWhole(octets, start, end)) this.#take(octets.subarray(start + PREFIX_BYTES, end))
      else {
        this.#reader ??= new MessageReader((message) => this.#take(message))
        this.#reader.read(octets, start, end)
      }
    } catch (reason) {
      this.call.fail(reason)
    }
  }

  end(): void {
    if (this.call.isOver) return
    if (this.#reader !== null && !this.#reader.isBetween) this.call.fail(CUT_OFF)
    else if (this.#request === undefined) this.call.fail(NO_MESSAGE)
    else this.#answer(this.call, this.#method, this.#request)
  }

  /** Nearly all messages come in one piece, and are read where they lie. */
  #isWhole(octets: Buffer, start: number, end: number): boolean {
    if (this.#reader !== null || end - start < PREFIX_BYTES) return false
    return messageLength(octets, start) === end - start - PREFIX_BYTES
  }

  #take(message: Buffer): void {
    if (this.#request !== undefined) throw SECOND_MESSAGE
    this.#request = readMessage(this.#method, message)
    this.call.arrived()
  }
}
