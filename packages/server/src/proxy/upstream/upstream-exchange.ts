import type { Duplex } from 'node:stream'
import type { Watched } from './deadlines.ts'
import type { ExchangeContext } from './exchange-context.ts'
import { ExchangeTimer } from './exchange-timer.ts'
import type { Forwarding, Receiver, UpstreamRequest } from './forwarding.ts'
import type { Target, Waiter } from './target.ts'
import { requestFields } from './target-request.ts'
import { hasNoBody, printable, responseFields, upgradeOf } from './target-response.ts'
import { UpstreamBody } from './upstream-body.ts'
import type { DispatchHandler, UpstreamConnection } from './upstream-connection.ts'
import {
  FAILURES,
  type FailureReason,
  isFaultOfTarget,
  isUnprocessed,
  reasonOf,
} from './upstream-failures.ts'

/** Most heads with a status below 200. */
const INTERIM_MAX = 10
/** Thrown at the client of HTTP so that it does not write a request whose response nobody waits for. */
const CANCELLED = new Error('Cancelled before anything was written.')

/** One request on its way: what the client of HTTP tells of it becomes calls of the receiver. */
export class UpstreamExchange implements Forwarding, Waiter, Watched, DispatchHandler {
  slot = -1
  readonly #context: ExchangeContext
  readonly #request: UpstreamRequest
  readonly #receiver: Receiver
  readonly #timer: ExchangeTimer
  #target: Target
  #connection: UpstreamConnection | null = null
  #body: UpstreamBody | null = null
  #attempts = 0
  #interim = 0
  /** Whether its connection had other requests before. */
  #isKept = false
  /** Whether all of it was handed to the connection. */
  #isSent = false
  #isAnswered = false
  #hasBegun = false
  #isPaused = false
  #isDone = false
  #isSilent = false
  #abortAttempt: ((error?: Error) => void) | null = null
  #resumeAttempt: (() => void) | null = null

  /** Sends it. */
  constructor(context: ExchangeContext, request: UpstreamRequest, receiver: Receiver) {
    this.#context = context
    this.#request = request
    this.#receiver = receiver
    this.#timer = new ExchangeTimer(context.deadlines, context.timeouts)
    this.#target = context.pick(null)
    context.deadlines.watch(this)
    this.#attempt()
  }

  get target(): string {
    return this.#target.place.label
  }

  get isBodyRead(): boolean {
    return this.#request.body === null || this.#request.body.readableEnded
  }

  resume(): void {
    if (!this.#isPaused) return
    this.#isPaused = false
    this.#timer.touch()
    this.#resumeAttempt?.()
  }

  abort(): void {
    this.#isSilent = true
    if (!this.#isDone) this.#end()
  }

  check(nowMs: number): void {
    const isUploadPaused = this.#body?.isPaused() === true
    const why = this.#timer.late(nowMs, { isUploadPaused, isDownloadPaused: this.#isPaused })
    if (why !== null) this.#fail(why)
  }

  onConnection(connection: UpstreamConnection): void {
    const { method, path, upgrade, body } = this.#request
    this.#connection = connection
    this.#timer.enter('connecting')
    if (body !== null) this.#body = new UpstreamBody(body, (bytes) => this.#timer.came(bytes))
    const headers = requestFields(this.#request, this.#context.host)
    connection.dispatch({ method, path, headers, body: this.#body, upgrade }, this)
  }

  onRefused(): void {
    this.#fail('overloaded')
  }

  onConnect(abort: (error?: Error) => void): void {
    if (this.#isDone) throw CANCELLED
    this.#abortAttempt = abort
    this.#isKept = this.#connection?.countSent() === true
    this.#timer.enter(this.#body === null ? 'waiting' : 'sending')
  }

  onRequestSent(): void {
    this.#isSent = true
    if (this.#timer.phase === 'sending') this.#timer.enter('waiting')
  }

  onResponseStarted(): void {
    this.#isAnswered = true
  }

  // biome-ignore lint/complexity/useMaxParams: the client of HTTP calls it so.
  onHeaders(status: number, raw: Buffer[], resume: () => void, statusText: string): boolean {
    if (this.#isDone) return false
    if (status < 200) {
      if (status === 101) this.#fail('bad-response')
      else if (++this.#interim > INTERIM_MAX) this.#fail('too-many-interim')
      return true
    }
    const fields = responseFields(raw, status)
    if (typeof fields === 'string') {
      this.#fail(fields)
      return false
    }
    this.#resumeAttempt = resume
    this.#begin()
    this.#receiver.onHead(status, fields, printable(statusText))
    // The client of HTTP takes a length without a body for a mistake, and then ends the connection.
    if (hasNoBody(status) && !this.#isDone) {
      this.#finish()
      this.#receiver.onEnd()
    }
    return true
  }

  onData(chunk: Buffer): boolean {
    if (this.#isDone) return false
    this.#timer.touch()
    const goesOn = this.#receiver.onData(chunk)
    this.#isPaused = !goesOn
    return goesOn
  }

  onComplete(): void {
    const wasReset = this.#connection?.wasReset === true
    // A response that ends with the connection was cut short by a reset.
    if (wasReset) this.#fail('broke-off')
    const isWhole = !this.#isDone
    this.#finish()
    this.#giveBack(!wasReset && this.#isSent)
    if (isWhole) this.#receiver.onEnd()
  }

  onUpgrade(_status: number, raw: Buffer[], socket: Duplex): void {
    const target = this.#target
    const connection = this.#connection as UpstreamConnection
    this.#connection = null
    // Errors come to whoever takes the socket, which may be later.
    socket.on('error', () => {})
    socket.once('close', () => {
      target.inFlight--
      target.discard(connection)
    })
    const fields = responseFields(raw, 101)
    const isAsked = upgradeOf(raw) === this.#request.upgrade && this.#receiver.onUpgrade !== undefined
    if (this.#isDone || !isAsked || typeof fields === 'string') {
      socket.destroy()
      this.#fail('bad-response')
      return
    }
    this.#begin()
    this.#finish()
    this.#receiver.onUpgrade?.(fields, socket)
  }

  onError(error: Error): void {
    const isConnected = this.#abortAttempt !== null
    this.#abortAttempt = null
    this.#giveBack(error === CANCELLED)
    if (this.#isDone) return
    const progress = { isConnected, isAnswered: this.#isAnswered, hasBegun: this.#hasBegun }
    const why = this.#body?.isBroken === true ? 'body-broken' : reasonOf(error, progress)
    if (isUnprocessed(why, this.#isKept, this.#request) && this.#context.mayRetry(this.#attempts)) {
      this.#blame(why)
      this.#attempt()
    } else this.#fail(why)
  }

  #attempt(): void {
    const isFirst = this.#attempts++ === 0
    if (!isFirst) this.#target = this.#context.pick(this.#target)
    this.#isKept = false
    this.#isSent = false
    this.#timer.enter('queued')
    this.#target.inFlight++
    const isTaken = isFirst ? this.#target.connect(this) : this.#target.connectAnew(this)
    if (!isTaken) this.#fail('overloaded')
  }

  #begin(): void {
    this.#hasBegun = true
    this.#target.health.succeeded()
    this.#timer.enter('receiving')
  }

  #fail(why: FailureReason): void {
    if (this.#isDone) return
    this.#blame(why)
    const hasBegun = this.#hasBegun
    this.#end()
    // Not within `forward`, whose caller does not have this one yet.
    queueMicrotask(() => {
      if (!this.#isSilent) this.#receiver.onFailure({ ...FAILURES[why], why, hasBegun })
    })
  }

  #blame(why: FailureReason): void {
    if (isFaultOfTarget(why) && !this.#isKept) this.#target.health.failed(`A request failed: ${why}.`)
  }

  #end(): void {
    this.#finish()
    // One that connects ends when the connection stands: it is then not written.
    if (this.#abortAttempt !== null) this.#abortAttempt()
    else if (this.#connection === null && this.#timer.phase === 'queued') {
      this.#target.leave(this)
      this.#target.inFlight--
    }
  }

  #finish(): void {
    this.#isDone = true
    this.#context.deadlines.unwatch(this)
    this.#body?.destroy()
  }

  #giveBack(isUsable: boolean): void {
    const connection = this.#connection
    if (connection === null) return
    this.#connection = null
    this.#target.inFlight--
    if (isUsable) this.#target.release(connection)
    else this.#target.discard(connection)
  }
}
