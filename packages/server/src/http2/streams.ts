import { ClosedStreams } from './closed-streams.ts'

/** The streams of a connection: those that are open, and what is known of others. */
export class Streams<S extends { readonly id: number }> {
  readonly closed = new ClosedStreams()
  readonly #open = new Map<number, S>()
  /** The one opened last, if it is open and not among the others: most end before another one is opened. */
  #latest: S | null = null
  /** The highest identifier that a client has used, and the highest of those that were taken up. */
  highest = 0
  highestTaken = 0
  /** Streams that have ended while work for them goes on. */
  leftBehind = 0

  get size(): number {
    return this.#latest === null ? this.#open.size : this.#open.size + 1
  }

  /** Open streams, and those that keep their place. */
  get places(): number {
    return this.size + this.leftBehind
  }

  get(streamId: number): S | undefined {
    const latest = this.#latest
    return latest?.id === streamId ? latest : this.#open.get(streamId)
  }

  [Symbol.iterator](): Iterator<S> {
    this.#settle()
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

  add(stream: S): void {
    this.highestTaken = stream.id
    this.#settle()
    this.#latest = stream
  }

  delete(stream: S): void {
    if (stream === this.#latest) this.#latest = null
    else this.#open.delete(stream.id)
  }

  #settle(): void {
    if (this.#latest !== null) this.#open.set(this.#latest.id, this.#latest)
    this.#latest = null
  }
}
