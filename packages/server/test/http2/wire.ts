import type { HeaderField } from '../../src/http2/hpack/hpack-field.ts'
import type { Http2Clock } from '../../src/http2/http2-clock.ts'
import type { Http2Handler, Http2Stream, RequestHead } from '../../src/http2/http2-handler.ts'
import type { Http2Limits } from '../../src/http2/http2-limits.ts'
import { Http2Server } from '../../src/http2/http2-server.ts'
import { FakeSocket } from './fake-socket.ts'
import { Listener, PREFACE, Speaker, settings, settingsAck } from './wire-frames.ts'

export const LIMITS: Http2Limits = {
  streamsMax: 128,
  requestTimeoutMs: 10_000,
  keepaliveMs: 60_000,
  keepaliveTimeoutMs: 20_000,
  ageMs: 300_000,
  ageGraceMs: 30_000,
}

export const OK: readonly HeaderField[] = [{ name: ':status', value: '200' }]
export const END: readonly HeaderField[] = [{ name: 'end', value: 'yes' }]

/** Time that passes by hand. */
export class ManualTime implements Http2Clock {
  nowMs = 0
  readonly #ticks = new Set<() => void>()

  now(): number {
    return this.nowMs
  }

  everySecond(tick: () => void): () => void {
    this.#ticks.add(tick)
    return () => this.#ticks.delete(tick)
  }

  /** Whether anybody is called every second. */
  get isWatched(): boolean {
    return this.#ticks.size > 0
  }

  /** So many seconds pass, each with its tick. */
  pass(seconds: number): void {
    for (let i = 0; i < seconds; i++) {
      this.nowMs += 1000
      for (const tick of this.#ticks) tick()
    }
  }
}

/** Notes what it is told, and answers a whole request with its body; `POST /quiet` and what is not whole it leaves alone. */
export class NotingHandler implements Http2Handler {
  readonly notes: string[] = []
  readonly streams = new Map<string, Http2Stream>()
  readonly heads: RequestHead[] = []
  /** Called for each request, before anything else. */
  whenRequested: (stream: Http2Stream, head: RequestHead) => void = () => undefined

  onRequest(stream: Http2Stream, head: RequestHead, isWhole: boolean): void {
    this.notes.push(`request ${head.path}${isWhole ? ' whole' : ''}`)
    this.heads.push(head)
    this.streams.set(head.path, stream)
    stream.state = { path: head.path, parts: [] }
    this.whenRequested(stream, head)
    if (isWhole) this.#answer(stream)
  }

  onData(stream: Http2Stream, octets: Buffer, start: number, end: number): void {
    const { path, parts } = stream.state as Kept
    this.notes.push(`data ${path} ${end - start}`)
    parts.push(Buffer.from(octets.subarray(start, end)))
  }

  onEnd(stream: Http2Stream): void {
    this.notes.push(`end ${(stream.state as Kept).path}`)
    this.#answer(stream)
  }

  onAborted(stream: Http2Stream): void {
    this.notes.push(`aborted ${(stream.state as Kept).path}`)
  }

  onDrain(stream: Http2Stream): void {
    this.notes.push(`drain ${(stream.state as Kept).path}`)
  }

  /** The stream of a path. */
  stream(path: string): Http2Stream {
    const stream = this.streams.get(path)
    if (stream === undefined) throw new Error(`no request for ${path}`)
    return stream
  }

  #answer(stream: Http2Stream): void {
    const { path, parts } = stream.state as Kept
    if (!path.startsWith('/quiet')) stream.respond(OK, Buffer.concat(parts), END)
  }
}

interface Kept {
  readonly path: string
  readonly parts: Buffer[]
}

interface WireOptions {
  readonly limits?: Partial<Http2Limits>
  readonly time?: ManualTime
  readonly handler?: Http2Handler
  readonly server?: Http2Server
  readonly socket?: FakeSocket
  readonly onFault?: (reason: unknown) => void
}

/** No test overlooks what has failed. */
export function rethrow(reason: unknown): never {
  throw reason
}

/** A client and a server without a network between them. */
export class Wire {
  readonly time: ManualTime
  readonly notes = new NotingHandler()
  readonly server: Http2Server
  readonly socket: FakeSocket
  readonly speaker = new Speaker()
  readonly listener = new Listener()

  constructor({
    limits = {},
    time = new ManualTime(),
    handler,
    server,
    socket,
    onFault = rethrow,
  }: WireOptions = {}) {
    this.time = time
    this.server =
      server ?? new Http2Server(handler ?? this.notes, { ...LIMITS, ...limits }, { clock: time, onFault })
    this.socket = socket ?? new FakeSocket()
    this.socket.on('error', () => undefined)
  }

  /** Connects, and says nothing yet. */
  async connect(): Promise<this> {
    this.server.take(this.socket.socket, this.socket.remoteAddress)
    await turn()
    return this
  }

  /** Connects, greets and hears the greeting. */
  async greet(...pairs: readonly (readonly [id: number, value: number])[]): Promise<this> {
    await this.connect()
    await this.say(PREFACE, settings(...pairs), settingsAck())
    return this
  }

  /** Says something, at once, and answers what it hears then. */
  async say(...octets: readonly Buffer[]): Promise<string[]> {
    if (!this.socket.destroyed) this.socket.push(Buffer.concat(octets))
    return await this.hear()
  }

  /** What has come since. */
  async hear(): Promise<string[]> {
    await turn()
    return this.listener.hear(this.socket.arrived())
  }

  /** Seconds pass; what has come then. */
  async pass(seconds: number): Promise<string[]> {
    this.time.pass(seconds)
    return await this.hear()
  }

  /** Whether the server has said goodbye. */
  get hasEnded(): boolean {
    return this.socket.writableEnded || this.socket.destroyed
  }
}

/** What is under way in this turn of the event loop comes to its end. */
export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** A wire that has been greeted. */
export async function wire(
  options: WireOptions = {},
  ...pairs: readonly (readonly [id: number, value: number])[]
): Promise<Wire> {
  return await new Wire(options).greet(...pairs)
}
