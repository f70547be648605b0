import type { Http2Stream } from '../../../http2/http2-handler.ts'
import type { Service } from '../../../service/service.ts'
import { endOf, TOO_LATE } from '../call-ends.ts'
import type { CarriedCall } from '../call-of.ts'
import { MESSAGE_TIMEOUT_MS } from '../grpc-limits.ts'
import type { RpcMethod } from '../rpc-method.ts'
import { RpcError } from '../rpc-status.ts'
import { ACCEPTED, OK_HEAD, OK_TRAILERS, refusal, statusFields } from './answer-fields.ts'
import { type CallHead, DEADLINE_EXCEEDED } from './call-head.ts'
import { framed } from './framed.ts'
import { COMPRESSED } from './message-reader.ts'
import { valuesOf } from './metadata.ts'

const NOTHING: readonly string[] = []
/** The longest that timers of Node wait. */
const TIMER_MAX_MS = 2 ** 31 - 1
const GONE = new Error('the caller has left')
const EXPIRED = new RpcError('DEADLINE_EXCEEDED', DEADLINE_EXCEEDED)

/** A call from its head to its end. Whatever is done to one that is over is ignored. */
export class NativeCall implements CarriedCall {
  readonly stream: Http2Stream
  readonly #head: CallHead
  readonly #service: Pick<Service, 'fail'>
  /** Known once it has timers; until then no time has passed. */
  #deadlineAtMs: number | null = null
  #left: AbortController | null = null
  #timers: NodeJS.Timeout[] | null = null
  #goOn: (() => void) | null = null
  #hasMessage = false
  #isOpened = false
  #hasLeft = false
  #isOver = false
  /** The service as its caller may use it. */
  caller: Service | undefined
  /** Called when it is over, however that came. */
  onOver: (() => void) | null = null

  constructor(stream: Http2Stream, head: CallHead, service: Pick<Service, 'fail'>) {
    this.stream = stream
    this.#head = head
    this.#service = service
  }

  get isOver(): boolean {
    return this.#isOver
  }

  get message(): object {
    return this
  }

  get peer(): string | undefined {
    return this.stream.peer
  }

  get deadlineMs(): number | undefined {
    if (this.#deadlineAtMs === null) return this.#head.timeoutMs
    return Math.max(0, this.#deadlineAtMs - performance.now())
  }

  signal(): AbortSignal {
    if (this.#left === null) {
      this.#left = new AbortController()
      if (this.#hasLeft) this.#left.abort(GONE)
    }
    return this.#left.signal
  }

  header(name: string): readonly string[] {
    return valuesOf(this.#head.fields, name)
  }

  query(): readonly string[] {
    return NOTHING
  }

  cookie(): readonly string[] {
    return NOTHING
  }

  descriptor(): readonly string[] {
    return NOTHING
  }

  /** The first message is there. */
  arrived(): void {
    this.#hasMessage = true
  }

  /** Waits for the message and for the deadline, from now on. */
  startTimers(): void {
    if (!this.#hasMessage) this.#after(MESSAGE_TIMEOUT_MS, () => this.#hasMessage || this.#leave(TOO_LATE))
    const { timeoutMs } = this.#head
    if (timeoutMs === undefined) return
    this.#deadlineAtMs = performance.now() + timeoutMs
    this.#after(timeoutMs, () => this.#leave(EXPIRED))
  }

  /** The one answer of a call. */
  answer({ type }: RpcMethod, answer: unknown): void {
    if (this.#isOver) return
    try {
      const octets = framed(type, answer)
      this.#end()
      this.stream.respond(OK_HEAD, octets, OK_TRAILERS)
    } catch (reason) {
      this.fail(reason)
    }
  }

  /** One answer of several. */
  send({ type }: RpcMethod, answer: unknown): Promise<void> | undefined {
    if (this.#isOver) return undefined
    const octets = framed(type, answer)
    if (!this.#isOpened) this.stream.open(OK_HEAD)
    this.#isOpened = true
    if (this.stream.write(octets) || this.#isOver) return undefined
    return new Promise((resolve) => {
      this.#goOn = resolve
    })
  }

  /** The end of several answers. */
  finish(): void {
    if (this.#isOver) return
    this.#end()
    if (this.#isOpened) this.stream.finish(OK_TRAILERS)
    else this.stream.respond(OK_HEAD, null, OK_TRAILERS)
  }

  fail(reason: unknown): void {
    if (this.#isOver) return
    this.#end()
    const status = endOf(this.#service, reason)
    if (this.#isOpened) this.stream.finish(statusFields(status))
    else this.stream.respond(refusal(status, reason === COMPRESSED ? ACCEPTED : []), null, null)
  }

  /** Its caller has left. */
  aborted(): void {
    if (!this.#isOver) this.#end()
    this.#hasLeft = true
    this.#left?.abort(GONE)
  }

  /** Lets what is done for it end by itself. */
  stop(): void {
    this.signal()
    this.#left?.abort()
  }

  /** There is room for more answers. */
  drained(): void {
    const goOn = this.#goOn
    this.#goOn = null
    goOn?.()
  }

  #leave(reason: RpcError): void {
    this.fail(reason)
    this.aborted()
  }

  #end(): void {
    this.#isOver = true
    for (const timer of this.#timers ?? []) clearTimeout(timer)
    this.drained()
    this.onOver?.()
  }

  #after(ms: number, run: () => void): void {
    this.#timers ??= []
    this.#timers.push(setTimeout(run, Math.min(TIMER_MAX_MS, ms)).unref())
  }
}
