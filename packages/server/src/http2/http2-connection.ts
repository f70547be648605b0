import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import { Backpressure } from './backpressure.ts'
import { ConnectionClock } from './connection-clock.ts'
import type { ConnectionContext } from './connection-context.ts'
import { ConnectionWindow } from './connection-window.ts'
import { ENHANCE_YOUR_CALM, NO_ERROR } from './error-codes.ts'
import type { Frame } from './frame.ts'
import { FrameReader, type FrameSink } from './frame-reader.ts'
import { FrameWriter } from './frame-writer.ts'
import { HeaderBlock } from './header-block.ts'
import { Holding } from './holding.ts'
import type { HpackDecoder } from './hpack/hpack-decoder.ts'
import { HpackEncoder } from './hpack/hpack-encoder.ts'
import { type ConnectionEnd, ENDS, type Http2Counts, type Shed } from './http2-counts.ts'
import type { Http2Handler } from './http2-handler.ts'
import type { Http2Limits } from './http2-limits.ts'
import { Output } from './output.ts'
import { PointBudget } from './point-budget.ts'
import { release } from './receive-data.ts'
import { receiveFrame } from './receive-frame.ts'
import { createHeadDecoder, type ReadHead } from './request-head.ts'
import { Sending } from './sending.ts'
import type { Owner, ServerParts } from './server-parts.ts'
import { ourSettings } from './settings.ts'
import { Shutdown } from './shutdown.ts'
import type { Stream } from './stream.ts'
import { Streams } from './streams.ts'
import { TimeLimits } from './time-limits.ts'

/** Most octets that are held: of answers that wait, of requests that are not whole, and of frames in parts, theirs or ours. */
const HELD_BYTES_MAX = 4 * 1024 * 1024
/** Half a frame that every connection may have here, so that nobody loses his by what others hold. */
const OWN_BYTES = 4 * 1024

/** One client (RFC 9113): what it sends is read here frame by frame, and all answers to what was read at once leave together. */
export class Http2Connection implements ConnectionContext, FrameSink {
  readonly handler: Http2Handler
  readonly limits: Http2Limits
  readonly counts: Http2Counts
  readonly peer: string | undefined
  readonly hasAge: boolean
  readonly reader: FrameReader = new FrameReader(this)
  readonly block: HeaderBlock = new HeaderBlock()
  readonly decoder: HpackDecoder<ReadHead> = createHeadDecoder()
  readonly encoder: HpackEncoder = new HpackEncoder()
  readonly output: Output
  readonly backpressure: Backpressure
  readonly writer: FrameWriter
  readonly sending: Sending
  readonly window: ConnectionWindow = new ConnectionWindow()
  readonly streams: Streams<Stream> = new Streams()
  readonly budget: PointBudget = new PointBudget()
  readonly shutdown: Shutdown = new Shutdown(this)
  readonly clock: ConnectionClock = new ConnectionClock()
  readonly #timeLimits: TimeLimits
  readonly answers: Holding
  readonly requests: Holding
  readonly #buffers: Holding
  readonly #socket: Socket
  readonly #parts: ServerParts
  #isInTurn = false
  #isTouched = false
  #isGone = false
  /** Whether the client has said its settings. */
  hasSettings = false
  /** Whether frames still matter. */
  isReading = true

  constructor(socket: Socket, parts: ServerParts, owner: Owner) {
    this.#socket = socket
    this.#parts = parts
    this.handler = parts.handler
    this.limits = parts.limits
    this.counts = parts.counts
    this.peer = owner.peer
    // Whoever is on this machine reaches no other instance by another connection.
    this.hasAge = socket.remoteAddress !== undefined
    this.answers = new Holding(HELD_BYTES_MAX, owner.holding)
    this.requests = new Holding(HELD_BYTES_MAX, owner.holding)
    this.#buffers = new Holding(HELD_BYTES_MAX, owner.holding)
    this.output = new Output(socket, parts.pool, () => this.#safely(this.#onTaken))
    this.backpressure = new Backpressure(socket, this.output)
    this.writer = new FrameWriter(this.output, this.encoder)
    this.sending = new Sending(this.output)
    this.#timeLimits = new TimeLimits(this)
  }

  /** Greets, and reads from now on. */
  start(): void {
    const socket = this.#socket
    socket.setNoDelay(true)
    // RFC 9113, section 9.2.1.
    if (socket instanceof TLSSocket) socket.disableRenegotiation()
    socket.on('data', (octets: Buffer) => this.#read(octets))
    // Half a connection is of no use: who has said goodbye does not wait for answers.
    socket.on('end', () => {
      this.#end()
      this.#leave()
    })
    socket.on('error', () => socket.destroy())
    socket.on('close', () => this.destroy())
    this.writer.settings(ourSettings(this.limits.streamsMax))
    this.window.open(this.writer)
    this.#flush()
  }

  sweep(): void {
    this.#safely(this.#sweep)
  }

  /** Ends at once, without a word that nobody would read. */
  cutOff(why: ConnectionEnd): void {
    if (this.isReading) this.#parts.onEnd(why)
    this.destroy()
  }

  destroy(): void {
    this.#isGone = true
    this.#socket.destroy()
    this.#end()
  }

  onFrame(frame: Frame): void {
    receiveFrame(this, frame)
  }

  onUnreadable(errorCode: number): void {
    this.fail(errorCode)
  }

  /** Takes points for what was done in vain; false where there were too few, and the connection has ended. */
  charge(points: number): boolean {
    return this.isReading && this.#isPaid(this.budget.spend(points))
  }

  /** The same, for what an honest client may have done. */
  chargeUnlessForgiven(points: number): boolean {
    return this.isReading && this.#isPaid(this.budget.spendUnlessForgiven(points))
  }

  /** A connection error (section 5.4.1), or the end of it. */
  fail(errorCode: number, why: ConnectionEnd = errorCode === ENHANCE_YOUR_CALM ? 'calm' : 'protocol'): void {
    if (!this.isReading) return
    const isTold = errorCode !== NO_ERROR
    if (isTold) this.#parts.onEnd(why)
    this.isReading = false
    this.writer.goaway(this.streams.highestTaken, errorCode, isTold ? ENDS[why] : '')
    this.#end()
    this.#leave()
  }

  /** A stream cannot be served. */
  shed(stream: Stream, errorCode: number, why: Shed): void {
    this.counts.streams[why] += 1
    this.resetStream(stream, errorCode)
  }

  resetStream(stream: Stream, errorCode: number): void {
    this.writer.rstStream(stream.id, errorCode)
    this.streams.closed.remember(stream.id, 'reset-by-us')
    this.close(stream)
  }

  release(stream: Stream, octets: number): void {
    release(this, stream, octets)
  }

  /** All of an answer is on its way. What its client still wants to send nobody needs (section 8.1). */
  conclude(stream: Stream): void {
    if (stream.incoming.isOpen) this.resetStream(stream, NO_ERROR)
    else this.close(stream)
  }

  /** There is something to send: at once with the rest of this turn, else with all that is said in what runs now. */
  touch(): void {
    if (this.#isInTurn || this.#isTouched) return
    this.#isTouched = true
    process.nextTick(this.#flushLater)
  }

  close(stream: Stream): void {
    this.streams.delete(stream)
    stream.close()
    const { incoming } = stream
    this.requests.give(incoming.ownBytes + incoming.heldBytes)
    incoming.ownBytes = 0
    incoming.heldBytes = 0
  }

  #isPaid(isPaid: boolean): boolean {
    if (!isPaid) this.fail(ENHANCE_YOUR_CALM)
    return isPaid
  }

  #read(octets: Buffer): void {
    if (!this.isReading) return
    this.clock.heard(this.#parts.clock.now())
    this.#isInTurn = true
    this.#safely(() => this.reader.read(octets))
    this.#isInTurn = false
    this.#safely(this.#flush)
  }

  /** Whatever fails here that must not ends this connection, and nothing else. */
  #safely(run: () => void): void {
    try {
      run()
    } catch (reason) {
      this.cutOff('fault')
      this.#parts.onFault(reason)
    }
  }

  readonly #flushLater = (): void => this.#safely(this.#flush)

  readonly #flush = (): void => {
    this.#isTouched = false
    if (this.shutdown.isFinal && this.streams.size === 0 && this.isReading) {
      this.isReading = false
      this.#leave()
    }
    this.output.flush()
    this.backpressure.onWritten()
    this.#countBuffers()
  }

  /** A peer that has too much here is cut off where nothing can be refused. */
  #countBuffers(): void {
    const bytes = this.#isGone ? 0 : this.output.unsentBytes + this.reader.heldBytes + this.block.heldBytes
    if (!this.#buffers.set(Math.max(bytes - OWN_BYTES, 0))) this.cutOff('octets')
  }

  readonly #sweep = (): void => {
    this.budget.refill()
    this.#timeLimits.sweep()
    if (this.isReading) this.shutdown.sweep()
    this.#flush()
  }

  /** The system has taken something. */
  readonly #onTaken = (): void => {
    if (!this.backpressure.onTaken()) return
    this.sending.pump()
    this.#flush()
  }

  /** Nothing more is answered. */
  #end(): void {
    this.isReading = false
    this.reader.forget()
    for (const stream of this.streams.all()) this.close(stream)
    this.#countBuffers()
  }

  /**
   * Says goodbye behind the last frame. What still comes is thrown away: were it left unread, the system would reset the connection,
   * and the last answers with it.
   */
  #leave(): void {
    this.output.end()
    this.#socket.resume()
  }
}
