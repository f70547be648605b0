/** How a stream has ended of which nothing else is known any more. */
export type StreamEnd = 'never-opened' | 'reset-by-client' | 'reset-by-us' | 'ended' | 'forgotten'

/** So many resets are remembered. A client cannot be unaware of more: it counts a stream as open until it sees the reset. */
const RESETS_MAX = 256

/**
 * What is known of closed streams, by which frames that come late are told from those that must not come (RFC 9113, sections 5.1
 * and 5.1.1).
 */
export class ClosedStreams {
  /** Identifiers of streams that were reset, those that their clients have reset with a minus; the next one replaces the oldest. */
  #resets: Int32Array | null = null
  #next = 0
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
    this.#resets ??= new Int32Array(RESETS_MAX)
    this.#forgotten = Math.max(this.#forgotten, Math.abs(this.#resets[this.#next] as number))
    this.#resets[this.#next] = end === 'reset-by-us' ? streamId : -streamId
    this.#next = (this.#next + 1) % RESETS_MAX
  }

  /** How a stream has ended that is not open, with an identifier that is not above those that were. */
  endOf(streamId: number): StreamEnd {
    if (this.#resets?.includes(streamId)) return 'reset-by-us'
    if (this.#resets?.includes(-streamId)) return 'reset-by-client'
    if (streamId >= this.#leftOutFrom && streamId <= this.#leftOutTo) return 'never-opened'
    return streamId <= this.#forgotten ? 'forgotten' : 'ended'
  }
}
