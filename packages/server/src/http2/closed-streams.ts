/** How a stream has ended of which nothing else is known any more. */
export type StreamEnd = Reset | 'never-opened' | 'ended' | 'forgotten'

/** Of one that we have reset it is known whether its client has ended it as well. */
type Reset = 'reset-by-client' | 'reset-by-us' | 'reset-by-us-and-ended'

/** So many resets are remembered. A client cannot be unaware of more: it counts a stream as open until it sees the reset. */
const RESETS_MAX = 256

/**
 * What is known of closed streams, by which frames that come late are told from those that must not come (RFC 9113, sections 5.1
 * and 5.1.1).
 */
export class ClosedStreams {
  /** Identifiers of streams that were reset, and how; the next one replaces the oldest. */
  #resets: Int32Array | null = null
  readonly #hows: Reset[] = []
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

  remember(streamId: number, end: Reset): void {
    this.#resets ??= new Int32Array(RESETS_MAX)
    this.#forgotten = Math.max(this.#forgotten, this.#resets[this.#next] as number)
    this.#resets[this.#next] = streamId
    this.#hows[this.#next] = end
    this.#next = (this.#next + 1) % RESETS_MAX
  }

  /** The client has ended one that we have reset; false where that is not remembered, or no news. */
  end(streamId: number): boolean {
    const at = this.#placeOf(streamId)
    if (this.#hows[at] !== 'reset-by-us') return false
    this.#hows[at] = 'reset-by-us-and-ended'
    return true
  }

  /** How a stream has ended that is not open, with an identifier that is not above those that were. */
  endOf(streamId: number): StreamEnd {
    const how = this.#hows[this.#placeOf(streamId)]
    if (how !== undefined) return how
    if (streamId >= this.#leftOutFrom && streamId <= this.#leftOutTo) return 'never-opened'
    return streamId <= this.#forgotten ? 'forgotten' : 'ended'
  }

  /** -1 where it is not remembered. */
  #placeOf(streamId: number): number {
    return this.#resets?.indexOf(streamId) ?? -1
  }
}
