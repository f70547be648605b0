import { ClosedStreams } from './closed-streams.ts'
import type { Stream } from './stream.ts'

/** The streams of a connection: those that are open, and what is known of others. */
export class Streams {
  readonly closed = new ClosedStreams()
  readonly #open = new Map<number, Stream>()
  /** The highest identifier that a client has used, and the highest of those that were taken up. */
  highest = 0
  highestTaken = 0
  /** Streams that have ended while work for them goes on. */
  leftBehind = 0

  get size(): number {
    return this.#open.size
  }

  /** Open streams, and those that keep their place. */
  get places(): number {
    return this.#open.size + this.leftBehind
  }

  get(streamId: number): Stream | undefined {
    return this.#open.get(streamId)
  }

  [Symbol.iterator](): Iterator<Stream> {
    return this.#open.values()
  }

  /** Whether no client has opened it yet; one with an even identifier nobody ever does. */
  isIdle(streamId: number): boolean {
    return streamId > this.highest || (streamId & 1) === 0
  }

  /** An identifier is used, whatever comes of it. */
  use(streamId: number): void {
    this.closed.follow(streamId, this.highest)
    this.highest = streamId
  }

  add(stream: Stream): void {
    this.highestTaken = stream.id
    this.#open.set(stream.id, stream)
  }

  delete(stream: Stream): void {
    this.#open.delete(stream.id)
  }
}
