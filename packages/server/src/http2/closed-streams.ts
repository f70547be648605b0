/** How a stream has ended of which nothing else is known any more. */
export type StreamEnd = 'never-opened' | 'reset-by-client' | 'reset-by-us' | 'ended' | 'forgotten'

/** So many resets are remembered. A client cannot be unaware of more: it counts a stream as open until it sees the reset. */
const RESETS_MAX = 256

/**
 * What is known of closed streams, by which frames that come late are told from those that must not come (RFC 9113, sections 5.1
 * and 5.1.1).
 */
export class ClosedStreams {
  readonly #resets = new Map<number, StreamEnd>()
  /** Up to here resets may have been forgotten. */
  #forgotten = 0
  /** The identifiers that a client left out last: these streams are closed, and never were open. */
  #leftOutFrom = 0
  #leftOutTo = 0

  /** A stream follows another one. */
  follow(streamId: number, before: number): void {
    if (streamId <= before + 2) return
    this.#leftOutFrom = before + 1
    this.#leftOutTo = streamId - 1
  }

  remember(streamId: number, end: 'reset-by-client' | 'reset-by-us'): void {
    this.#resets.set(streamId, end)
    if (this.#resets.size <= RESETS_MAX) return
    for (const [oldest] of this.#resets) {
      this.#resets.delete(oldest)
      this.#forgotten = Math.max(this.#forgotten, oldest)
      return
    }
  }

  /** How a stream has ended that is not open, with an identifier that is not above those that were. */
  endOf(streamId: number): StreamEnd {
    const end = this.#resets.get(streamId)
    if (end !== undefined) return end
    if (streamId >= this.#leftOutFrom && streamId <= this.#leftOutTo) return 'never-opened'
    return streamId <= this.#forgotten ? 'forgotten' : 'ended'
  }
}
