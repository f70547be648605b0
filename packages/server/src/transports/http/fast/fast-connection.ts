import type { Socket } from 'node:net'
import { type FastAnswer, type FastHandler, ReadRequest } from './fast-request.ts'
import type { HandOverReason } from './hand-over-reason.ts'
import { HeldOfConnection } from './held-of-connection.ts'
import type { FastRoute, Lane } from './lane.ts'
import { Outgoing } from './outgoing.ts'
import { type ParsedRequest, parseRequest } from './parse-request.ts'

/**
 * Reads; asks a handler that takes its time; waits until the client takes its answers; lets others have their turn; waits for the end
 * of the client; or is none of ours any more.
 */
type Phase = 'reading' | 'asking' | 'blocked' | 'resting' | 'closing' | 'gone'

/**
 * A connection as long as all its requests are known. What cannot be dealt with yet stands in the buffer of the socket, in front of
 * what Node reads after it, and nowhere else: beside it, an end of the client could overtake it. The one exception is a part of one
 * request, after which an end can only be a mistake.
 */
export class FastConnection {
  readonly #socket: Socket
  readonly #lane: Lane
  readonly #out: Outgoing
  readonly #held: HeldOfConnection
  readonly #onLeave: () => void
  #phase: Phase = 'reading'
  /** A part of a request. */
  #part: Buffer | null = null
  #reads = 0
  /** Sweeps since this phase began, or since its last progress. */
  #sweeps = 0
  /** Octets of the request that is asked. */
  #asked = 0
  #unsent = 0
  #wasQuiet = false
  #hasEnded = false

  /** `onLeave` is called once it needs no sweep any more. */
  constructor(socket: Socket, lane: Lane, onLeave: () => void) {
    this.#socket = socket
    this.#lane = lane
    this.#onLeave = onLeave
    this.#out = new Outgoing(socket, lane)
    this.#held = new HeldOfConnection(socket, lane)
    socket.on('data', this.#onData)
    socket.on('end', this.#onEnd)
    socket.on('drain', this.#onDrain)
    socket.on('error', this.#onError)
    socket.on('close', this.#onClose)
  }

  /** To be called at equal times: what has lasted too long is ended. */
  sweep(): void {
    const { blockedSweeps, lingerSweeps } = this.#lane.limits
    this.#sweeps++
    switch (this.#phase) {
      case 'reading':
        this.#sweepReading()
        break
      case 'asking':
      case 'resting':
        this.#holdAll()
        break
      case 'blocked':
        this.#holdAll()
        this.#cutIfStuck(blockedSweeps)
        break
      case 'closing':
        this.#cutIfStuck(this.#socket.writableLength > 0 ? blockedSweeps : lingerSweeps)
        break
      case 'gone':
    }
  }

  /** To be called at equal times while it drains: ends a connection on which nothing has come since the call before. */
  endIfQuiet(): void {
    if (this.#phase !== 'reading' || this.#part !== null) return
    if (this.#wasQuiet) this.#finish()
    else this.#wasQuiet = true
  }

  destroy(): void {
    this.#socket.destroy()
  }

  // It is sweeps that are counted, of which the first may come at once: a stall of this process is not held against clients.
  #sweepReading(): void {
    const { requestSweeps, idleSweeps } = this.#lane.limits
    const isIdle = this.#part === null
    if ((!isIdle || !this.#out.hasAnswered) && this.#sweeps > requestSweeps) {
      this.#refuse('ERR_HTTP_REQUEST_TIMEOUT')
    } else if (isIdle && this.#sweeps > idleSweeps) {
      this.#finish()
    }
  }

  #cutIfStuck(limit: number): void {
    const unsent = this.#socket.writableLength
    if (unsent < this.#unsent) this.#sweeps = 0
    this.#unsent = unsent
    if (this.#sweeps <= limit) return
    if (unsent > 0) this.#lane.onStuck()
    this.#socket.destroy()
  }

  readonly #onData = (chunk: Buffer): void => {
    if (this.#phase !== 'reading') return
    this.#reads++
    this.#answerAll(this.#part === null ? chunk : Buffer.concat([this.#part, chunk]))
  }

  readonly #onEnd = (): void => {
    this.#hasEnded = true
    if (this.#phase !== 'reading') return
    if (this.#part === null) this.#finish()
    else this.#refuse('HPE_INVALID_EOF_STATE')
  }

  readonly #onDrain = (): void => {
    if (this.#phase === 'blocked') this.#read()
  }

  // 'close' follows.
  readonly #onError = (): void => {}

  readonly #onClose = (): void => this.#leave()

  #answerAll(octets: Buffer): void {
    const { turnMax } = this.#lane.limits
    let at: number | null = 0
    let count = 0
    for (; at !== null && at < octets.length && count < turnMax; count++) at = this.#answerOne(octets, at)
    if (at === null) return
    const rest = octets.subarray(at)
    if (!this.#out.flush()) this.#block(rest)
    else if (rest.length > 0) this.#rest(rest)
    else this.#begin('reading')
  }

  /** Answers the request that begins at a place; answers where the next one does, or null: all octets are dealt with. */
  #answerOne(octets: Buffer, at: number): number | null {
    const { rules, limits } = this.#lane
    const parsed = parseRequest(octets, at, rules)
    if (parsed === 'more') return this.#keep(octets.subarray(at), at > 0)
    if (typeof parsed === 'string') return this.#handOver(parsed, octets.subarray(at))
    const answer = this.#ask(octets, parsed)
    const { end } = parsed
    if (answer instanceof Promise) return this.#wait(answer, end - at, octets.subarray(end))
    if (this.#out.put(answer)) return this.#finish()
    if (this.#out.length >= limits.batchMax && !this.#out.flush()) return this.#block(octets.subarray(end))
    return end
  }

  #ask(octets: Buffer, parsed: ParsedRequest<FastRoute>): ReturnType<FastHandler> {
    const { target, handler } = parsed.route
    try {
      return handler(new ReadRequest(target, { socket: this.#socket, octets }, parsed))
    } catch (reason) {
      return this.#lane.onFailure(reason)
    }
  }

  /** Keeps a part of a request. */
  #keep(part: Buffer, isNew: boolean): null {
    if (!this.#out.flush()) return this.#block(part)
    if (isNew) this.#begin('reading', 1)
    else if (this.#part === null) this.#sweeps = 0
    if (this.#reads >= this.#lane.limits.readsMax) return this.#handOver('pieces', part)
    this.#part = alone(part)
    this.#held.set(part.length)
    return null
  }

  /** Waits for an answer; what follows the request is read after it. */
  #wait(answer: Promise<FastAnswer>, asked: number, rest: Buffer): null {
    this.#out.flush()
    this.#begin('asking')
    this.#asked = asked
    this.#stop(rest)
    answer.then(
      (settled) => this.#settle(settled),
      (reason: unknown) => this.#settle(this.#lane.onFailure(reason)),
    )
    return null
  }

  #settle(answer: FastAnswer): void {
    if (this.#phase !== 'asking') return
    if (this.#out.put(answer)) this.#finish()
    else if (this.#out.flush()) this.#read()
    else this.#block(NOTHING)
  }

  /** Waits until the client takes its answers. */
  #block(rest: Buffer): null {
    this.#begin('blocked')
    this.#unsent = this.#socket.writableLength
    this.#stop(rest)
    return null
  }

  /** Lets others have their turn. */
  #rest(rest: Buffer): void {
    this.#begin('resting')
    this.#stop(rest)
    setImmediate(() => {
      if (this.#phase === 'resting') this.#read()
    })
  }

  /** Reads no more, and puts back what is not dealt with. */
  #stop(rest: Buffer): void {
    this.#socket.pause()
    if (rest.length > 0) this.#socket.unshift(alone(rest))
    this.#holdAll()
  }

  #read(): void {
    if (this.#hasEnded) {
      this.#finish()
    } else {
      this.#begin('reading')
      this.#socket.resume()
    }
  }

  #handOver(reason: HandOverReason, rest: Buffer): null {
    const socket = this.#socket
    this.#out.flush()
    this.#leave()
    socket.off('data', this.#onData)
    socket.off('end', this.#onEnd)
    socket.off('drain', this.#onDrain)
    socket.off('error', this.#onError)
    socket.off('close', this.#onClose)
    this.#lane.onHandOver(reason)
    // In this order: else a later request could overtake what is put back.
    socket.pause()
    socket.unshift(rest)
    this.#lane.handOver(socket)
    socket.resume()
    return null
  }

  /** Ends after what was answered. What comes yet is dropped, and not refused, so that no reset overtakes the answer. */
  #finish(): null {
    this.#out.flush()
    this.#begin('closing')
    this.#socket.end()
    this.#socket.resume()
    return null
  }

  #refuse(code: Parameters<Lane['clientError']>[0]): void {
    this.#begin('closing')
    this.#lane.clientError(code, this.#socket)
    this.#socket.resume()
  }

  #begin(phase: Phase, reads = 0): void {
    this.#phase = phase
    this.#part = null
    this.#reads = reads
    this.#sweeps = 0
    this.#asked = 0
    this.#wasQuiet = false
    this.#held.set(0)
  }

  #leave(): void {
    this.#begin('gone')
    this.#onLeave()
  }

  #holdAll(): void {
    this.#held.set(this.#asked + this.#socket.readableLength + this.#socket.writableLength)
  }
}

const NOTHING = Buffer.alloc(0)

/** Octets without those that they came with, which would be held as long as they are. */
function alone(octets: Buffer): Buffer {
  return octets.length * 2 < octets.buffer.byteLength ? Buffer.from(octets) : octets
}
