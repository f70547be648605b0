import type { Backpressure } from './backpressure.ts'
import type { ConnectionContext } from './connection-context.ts'
import { CANCEL, ENHANCE_YOUR_CALM, NO_ERROR, PROTOCOL_ERROR, SETTINGS_TIMEOUT } from './error-codes.ts'
import type { FrameReader } from './frame-reader.ts'
import type { ConnectionEnd } from './http2-counts.ts'
import type { Output } from './output.ts'
import { ALIVE_MARK } from './ping-marks.ts'

/** Seconds for the preface with its SETTINGS, and for the acknowledgement of ours. */
const GREETING_S = 10
/** Seconds for a frame, or a header block, that has begun. */
const FRAME_S = 10
/** Seconds in which some of what waits has to be taken. */
const STALL_S = 30
/** Seconds in which a client leaves that was told to. */
const LINGER_S = 5

/** What is watched of a connection. */
interface Watched extends ConnectionContext {
  readonly reader: FrameReader
  readonly output: Output
  readonly backpressure: Pick<Backpressure, 'isOn'>
  readonly hasAge: boolean
  cutOff(why: ConnectionEnd): void
  destroy(): void
}

/**
 * What a client is held to in time. All is counted in sweeps: so that a stall of ours, in which none was made, is not held against
 * clients.
 */
export class TimeLimits {
  readonly #connection: Watched
  readonly #ageS: number
  #askedAt = -1
  #frames = 0
  #frameAt = 0
  #takenWrites = 0
  #takenAt = 0
  #endedAt = -1
  #drainedAt = -1

  constructor(connection: Watched) {
    this.#connection = connection
    const jitter = 1 + (Math.random() - 0.5) * 0.2
    this.#ageS = secondsOf(connection.limits.ageMs * jitter)
  }

  sweep(): void {
    const connection = this.#connection
    connection.clock.now += 1
    this.#checkReader()
    if (!connection.isReading) {
      this.#checkLeaving()
      return
    }
    this.#checkStreams()
    this.#checkAge()
    if (connection.backpressure.isOn) this.#pardon()
    else {
      this.#checkGreeting()
      this.#checkFrame()
      this.#checkLife()
    }
  }

  /** What is not read cannot be late. */
  #pardon(): void {
    const { clock } = this.#connection
    this.#frameAt = clock.now
    clock.heardAt = clock.now
  }

  #checkGreeting(): void {
    const connection = this.#connection
    if (connection.clock.hasSettled || this.#now <= GREETING_S) return
    connection.fail(connection.hasSettings ? SETTINGS_TIMEOUT : PROTOCOL_ERROR, 'late')
  }

  /** Whoever goes on octet by octet gains nothing by it. */
  #checkFrame(): void {
    const { reader, block } = this.#connection
    const isInside = reader.isInside || block.isOpen
    if (!isInside || (reader.frames !== this.#frames && !block.isOpen)) {
      this.#frameAt = this.#now
      this.#frames = reader.frames
    } else if (this.#now - this.#frameAt > FRAME_S) this.#connection.fail(ENHANCE_YOUR_CALM, 'late')
  }

  #checkStreams(): void {
    const { streams, limits } = this.#connection
    const requestS = secondsOf(limits.requestTimeoutMs)
    for (const stream of streams.all()) {
      const { incoming } = stream
      const isHalf = incoming.isOpen && !incoming.isHeld && !stream.hasEnded
      if (isHalf && this.#now - incoming.begunAt > requestS) this.#connection.shed(stream, CANCEL, 'late')
      else if (stream.waitingBytes > 0 && this.#now - stream.movedAt > STALL_S) {
        this.#connection.shed(stream, ENHANCE_YOUR_CALM, 'late')
      }
    }
  }

  /** A client that is silent is asked whether it is there. */
  #checkLife(): void {
    const { limits, writer, clock } = this.#connection
    if (clock.heardAt >= this.#askedAt) this.#askedAt = -1
    if (this.#askedAt !== -1) {
      if (this.#now - this.#askedAt > secondsOf(limits.keepaliveTimeoutMs)) this.#connection.cutOff('silent')
    } else if (this.#now - clock.heardAt > secondsOf(limits.keepaliveMs)) {
      this.#askedAt = this.#now
      writer.ping(ALIVE_MARK)
    }
  }

  #checkAge(): void {
    const { shutdown, limits, hasAge, clock } = this.#connection
    if (!hasAge || clock.isKept) return
    if (this.#drainedAt !== -1) {
      if (this.#now - this.#drainedAt > secondsOf(limits.ageGraceMs)) this.#connection.fail(NO_ERROR)
    } else if (this.#now > this.#ageS) {
      this.#drainedAt = this.#now
      shutdown.begin()
    }
  }

  /** A client that does not read, while octets wait that the system did not take. */
  #checkReader(): void {
    const { output } = this.#connection
    if (output.unsentBytes === 0 || output.takenWrites !== this.#takenWrites) {
      this.#takenWrites = output.takenWrites
      this.#takenAt = this.#now
    } else if (this.#now - this.#takenAt > STALL_S) this.#connection.cutOff('late')
  }

  #checkLeaving(): void {
    const { output } = this.#connection
    if (this.#endedAt === -1 || output.unsentBytes > 0) this.#endedAt = this.#now
    else if (this.#now - this.#endedAt > LINGER_S) this.#connection.destroy()
  }

  get #now(): number {
    return this.#connection.clock.now
  }
}

/** A part of a second counts as a whole one, and the one that has begun does not count. */
function secondsOf(ms: number): number {
  return Math.ceil(ms / 1000)
}
