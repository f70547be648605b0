import type { ConnectionClock } from './connection-clock.ts'
import { ENHANCE_YOUR_CALM } from './error-codes.ts'
import { FRAME_BYTES_MAX } from './frame.ts'
import type { FrameWriter } from './frame-writer.ts'
import type { Holding } from './holding.ts'
import type { HeaderField } from './hpack/hpack-field.ts'
import type { Shed } from './http2-counts.ts'
import type { Http2Handler, Http2Stream } from './http2-handler.ts'
import type { Incoming } from './incoming.ts'
import { GAIN, type PointBudget } from './point-budget.ts'
import { SendQueue } from './send-queue.ts'
import type { Sender, Sending } from './sending.ts'
import type { Streams } from './streams.ts'

type Fields = readonly HeaderField[]

/** RFC 9110, section 15.2.1. */
const CONTINUE: Fields = [{ name: ':status', value: '100' }]

/** The connection of streams. */
export interface StreamHost {
  readonly handler: Http2Handler
  readonly peer: string | undefined
  readonly clock: ConnectionClock
  readonly budget: PointBudget
  readonly writer: FrameWriter
  readonly sending: Sending
  readonly streams: Streams<Stream>
  /** What is held of answers that wait, and of requests. */
  readonly answers: Holding
  readonly requests: Holding

  resetStream(stream: Stream, errorCode: number): void
  /** The same, of one that cannot be served. */
  shed(stream: Stream, errorCode: number, why: Shed): void
  /** All of an answer is on its way. */
  conclude(stream: Stream): void
  /** The handler has no more use for octets of a body. */
  release(stream: Stream, octets: number): void
  /** There is something to send: at once with the rest of this turn, else with all that is said in what runs now. */
  touch(): void
}

/** A stream that a client has opened (RFC 9113, section 5.1): its answer, and through `incoming` its request. */
export class Stream implements Http2Stream, Sender {
  state: unknown = undefined
  readonly id: number
  readonly incoming: Incoming
  readonly #connection: StreamHost
  /** What its window of sending is beyond that with which streams begin. */
  credit = 0
  /** The next one of its chain in `Streams`. */
  next: Stream | null = null
  /** When something of it was sent, or began to wait, in sweeps of the connection. */
  movedAt = 0
  #queue: SendQueue | null = null
  #trailers: Fields | null = null
  #hasHead = false
  /** Whether the handler has answered wholly, sent or not. */
  #isAnswered = false
  #isClosed = false
  #isBusy = false
  #wantsDrain = false

  constructor(id: number, connection: StreamHost, incoming: Incoming) {
    this.id = id
    this.#connection = connection
    this.incoming = incoming
  }

  get hasEnded(): boolean {
    return this.#isAnswered || this.#isClosed
  }

  get peer(): string | undefined {
    return this.#connection.peer
  }

  get isBusy(): boolean {
    return this.#isBusy
  }

  set isBusy(isBusy: boolean) {
    if (isBusy === this.#isBusy) return
    if (this.#isClosed) {
      if (isBusy) return
      this.#connection.streams.leftBehind -= 1
    }
    this.#isBusy = isBusy
  }

  /** Octets that wait to be sent. */
  get waitingBytes(): number {
    return this.#queue?.bytes ?? 0
  }

  respond(head: Fields, body: Uint8Array | null, trailers: Fields | null): void {
    if (this.hasEnded || this.#hasHead) return
    const hasBody = body !== null && body.length > 0
    this.#isAnswered = true
    this.#trailers = trailers
    this.#sendHead(head, !hasBody && trailers === null)
    if (hasBody) this.#send(body)
    else if (trailers !== null) this.#sendEnd()
    else this.#conclude()
    this.#connection.touch()
  }

  open(head: Fields): void {
    if (this.hasEnded || this.#hasHead) return
    this.#sendHead(head, false)
    this.#connection.touch()
  }

  write(octets: Uint8Array): boolean {
    if (this.hasEnded || !this.#hasHead || octets.length === 0) return true
    this.#connection.budget.earn(GAIN.part)
    this.#send(octets)
    this.#connection.touch()
    this.#wantsDrain = this.waitingBytes > 0
    return !this.#wantsDrain
  }

  finish(trailers: Fields | null): void {
    if (this.hasEnded || !this.#hasHead) return
    this.#isAnswered = true
    this.#trailers = trailers
    if (this.waitingBytes === 0) this.#sendEnd()
    this.#connection.touch()
  }

  reset(code: number): void {
    if (this.hasEnded) return
    this.#isAnswered = true
    this.#connection.resetStream(this, code)
    this.#connection.touch()
  }

  hold(): void {
    this.incoming.isHeld = true
  }

  release(octets: number): void {
    if (this.#isClosed) return
    this.#connection.release(this, octets)
    this.#connection.touch()
  }

  keepConnection(): void {
    this.#connection.clock.isKept = true
  }

  /** Has the body sent that waits to be asked for. */
  goAhead(): void {
    if (!this.hasEnded && !this.#hasHead) this.#connection.writer.headers(this.id, CONTINUE, false)
  }

  /** Sends a frame of what waits; false where there is no room for any. */
  sendWaiting(): boolean {
    const queue = this.#queue
    if (queue === null) return false
    const { first, start } = queue
    const bytes = Math.min(this.#room(), first.length - start)
    if (bytes === 0) return false
    queue.advance(bytes)
    this.#connection.answers.give(bytes)
    this.#sendFrame(first, start, start + bytes)
    if (queue.bytes === 0) this.#onAllSent()
    return true
  }

  /** It has ended, one way or the other: nothing of it is sent any more. The handler is told where it does not know. */
  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    const { sending, answers, streams, handler } = this.#connection
    if (this.#isBusy) streams.leftBehind += 1
    if (this.#queue !== null) {
      sending.waitNoMore(this)
      answers.give(this.#queue.bytes)
      this.#queue = null
    }
    if (!this.#isAnswered) handler.onAborted(this)
  }

  #sendHead(head: Fields, isEnd: boolean): void {
    this.#hasHead = true
    this.#connection.writer.headers(this.id, head, isEnd)
  }

  /** Sends what windows and the system have room for; what is left waits. */
  #send(octets: Uint8Array): void {
    const { length } = octets
    let at = 0
    while (this.#queue === null && at < length) {
      const bytes = Math.min(this.#room(), length - at)
      if (bytes === 0) break
      this.#sendFrame(octets, at, at + bytes)
      at += bytes
    }
    if (at < length) this.#queueUp(octets.subarray(at))
    else if (this.#isAnswered) this.#onAllSent()
  }

  #room(): number {
    return Math.min(this.#connection.sending.roomFor(this), FRAME_BYTES_MAX)
  }

  #queueUp(octets: Uint8Array): void {
    const connection = this.#connection
    if (!connection.answers.take(octets.length)) {
      connection.shed(this, ENHANCE_YOUR_CALM, 'octets')
      return
    }
    if (this.#queue === null) {
      this.#queue = new SendQueue()
      this.movedAt = connection.clock.now
      connection.sending.wait(this)
    }
    this.#queue.push(octets)
  }

  #sendFrame(octets: Uint8Array, start: number, end: number): void {
    const { writer, sending, budget } = this.#connection
    const isLast = this.#isLast && end === octets.length && this.waitingBytes === 0
    writer.data(this.id, end - start, isLast)
    writer.payload(octets, start, end)
    sending.spend(this, end - start)
    budget.earn(((end - start) >>> 10) * GAIN.kibibyte)
    this.movedAt = this.#connection.clock.now
  }

  /** Whether the body ends the answer, and what is written of it is all of it. */
  get #isLast(): boolean {
    return this.#isAnswered && this.#trailers === null
  }

  #onAllSent(): void {
    const { sending, handler } = this.#connection
    if (this.#queue !== null) {
      this.#queue = null
      sending.waitNoMore(this)
    }
    if (this.#isLast) this.#conclude()
    else if (this.#isAnswered) this.#sendEnd()
    else if (this.#wantsDrain) {
      this.#wantsDrain = false
      handler.onDrain(this)
    }
  }

  #sendEnd(): void {
    const { writer } = this.#connection
    if (this.#trailers === null) writer.data(this.id, 0, true)
    else writer.headers(this.id, this.#trailers, true)
    this.#conclude()
  }

  /** The answer is on its way, and all of it. */
  #conclude(): void {
    this.#connection.budget.earn(GAIN.answer)
    this.#connection.conclude(this)
  }
}
