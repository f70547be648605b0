import type { Http2Handler, Http2Stream, RequestHead } from '../../../http2/http2-handler.ts'
import type { Service } from '../../../service/service.ts'
import { answerExchange, answerWatch } from '../answer-streams.ts'
import { callerOf, callOf } from '../call-of.ts'
import type { OpenStreams } from '../open-streams.ts'
import type { ExchangeMethod, RpcCall, RpcMethod, UnaryMethod, WatchMethod } from '../rpc-method.ts'
import { RPC_CODES } from '../rpc-status.ts'
import { httpRefusal, statusFields } from './answer-fields.ts'
import { CallHeads } from './call-head.ts'
import type { Intake } from './intake.ts'
import { ManyMessages } from './many-messages.ts'
import { NativeCall } from './native-call.ts'
import { type Answer, OneMessage } from './one-message.ts'
import { YoungCalls } from './young-calls.ts'

interface CallsOptions {
  readonly service: Service
  readonly methods: readonly RpcMethod[]
  readonly streams: OpenStreams
}

const TOO_LARGE = [
  ...httpRefusal(431),
  ...statusFields({
    code: RPC_CODES.RESOURCE_EXHAUSTED,
    message: 'the metadata of the call is too large',
    details: null,
  }),
]

/** Requests of HTTP/2 as calls of gRPC, answered by methods. */
export class Calls implements Http2Handler {
  readonly tooLargeAnswer = TOO_LARGE
  readonly #service: Service
  readonly #streams: OpenStreams
  readonly #heads: CallHeads
  readonly #young = new YoungCalls()

  constructor({ service, methods, streams }: CallsOptions) {
    this.#service = service
    this.#streams = streams
    this.#heads = new CallHeads(methods)
  }

  onRequest(stream: Http2Stream, head: RequestHead, isWhole: boolean): void {
    const read = this.#heads.read(head)
    const { method } = read
    if (method === null) {
      stream.respond(read.refusal, null, null)
      return
    }
    const call = new NativeCall(stream, read, this.#service)
    if (!this.#isAdmitted(call, method)) return
    const intake = this.#begin(call, method)
    stream.state = intake
    this.#young.add(call)
    if (isWhole) intake.end()
  }

  // biome-ignore lint/complexity/useMaxParams: as HTTP/2 calls it, for each piece
  onData(stream: Http2Stream, octets: Buffer, start: number, end: number): void {
    intakeOf(stream)?.data(octets, start, end)
  }

  onEnd(stream: Http2Stream): void {
    intakeOf(stream)?.end()
  }

  onAborted(stream: Http2Stream): void {
    intakeOf(stream)?.call.aborted()
  }

  onDrain(stream: Http2Stream): void {
    intakeOf(stream)?.call.drained()
  }

  /** Whoever may not make this call, for want of a token, ends here, before anything of a message is kept. */
  #isAdmitted(call: NativeCall, method: RpcMethod): boolean {
    try {
      call.caller = callerOf(call, method, this.#service)
      return true
    } catch (reason) {
      call.fail(reason)
      return false
    }
  }

  #begin(call: NativeCall, method: RpcMethod): Intake {
    switch (method.kind) {
      case 'unary':
        return new OneMessage(call, method, this.#unary)
      case 'watch':
        return new OneMessage(call, method, this.#watch)
      case 'exchange': {
        const messages = new ManyMessages(call)
        void this.#exchange(messages, method)
        return messages
      }
    }
  }

  readonly #unary: Answer<UnaryMethod> = (call, method, request) => {
    if (method.keepsConnection === true) call.stream.keepConnection()
    try {
      const answer = method.handle(request, this.#told(call, method))
      if (answer instanceof Promise) void this.#later(call, method, answer)
      else call.answer(method, answer)
    } catch (reason) {
      call.fail(reason)
    }
  }

  #told(call: NativeCall, method: RpcMethod): RpcCall {
    return callOf(call, () => callerOf(call, method, this.#service), call.caller)
  }

  async #later(call: NativeCall, method: UnaryMethod, answer: Promise<unknown>): Promise<void> {
    call.stream.isBusy = true
    try {
      call.answer(method, await answer)
    } catch (reason) {
      call.fail(reason)
    }
    call.stream.isBusy = false
  }

  readonly #watch: Answer<WatchMethod> = async (call, method, request) => {
    call.stream.isBusy = true
    try {
      const told = this.#told(call, method)
      const answers = { send: (answer: unknown) => call.send(method, answer) }
      await answerWatch(method, request, {
        call: told,
        streams: this.#streams,
        answers,
        stop: () => call.stop(),
      })
      call.finish()
    } catch (reason) {
      call.fail(reason)
    }
    call.stream.isBusy = false
  }

  async #exchange(messages: ManyMessages, method: ExchangeMethod): Promise<void> {
    const { call } = messages
    call.stream.isBusy = true
    try {
      const told = this.#told(call, method)
      const answers = { send: (answer: unknown) => call.send(method, answer) }
      await answerExchange(method, () => messages.next(), { call: told, streams: this.#streams, answers })
      call.finish()
    } catch (reason) {
      call.fail(reason)
    }
    call.stream.isBusy = false
  }
}

function intakeOf({ state }: Http2Stream): Intake | undefined {
  return state as Intake | undefined
}
