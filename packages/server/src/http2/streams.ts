import { ClosedStreams } from './closed-streams.ts'

/** Chains by which an open stream is found; a power of two. */
const CHAINS = 64

/** A stream, as a link of a chain. */
interface Linked<S> {
  readonly id: number
  next: S | null
}

/**
 * The streams of a connection: those that are open, and what is known of others. They are chained by themselves, since a `Map` whose
 * entries come and go by the million leaves as many tables behind, each of which keeps the next one alive.
 */
export class Streams<S extends Linked<S>> {
  readonly closed = new ClosedStreams()
  /** Empty until there has been a stream: most connections are idle. */
  #chains: (S | null)[] = []
  /** Streams that are open. */
  size = 0
  /** The highest identifier that a client has used, and the highest of those that were taken up. */
  highest = 0
  highestTaken = 0
  /** Streams that have ended while work for them goes on. */
  leftBehind = 0

  /** Open streams, and those that keep their place. */
  get places(): number {
    return this.size + this.leftBehind
  }

  get(streamId: number): S | undefined {
    let stream = this.#chains[chainOf(streamId)] ?? null
    while (stream !== null && stream.id !== streamId) stream = stream.next
    return stream ?? undefined
  }

  /** Those that are open now. */
  all(): S[] {
    const all: S[] = []
    if (this.size === 0) return all
    for (const first of this.#chains) {
      for (let stream = first; stream !== null; stream = stream.next) all.push(stream)
    }
    return all
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
    if (this.#chains.length === 0) this.#chains = new Array<S | null>(CHAINS).fill(null)
    const chain = chainOf(stream.id)
    stream.next = this.#chains[chain] ?? null
    this.#chains[chain] = stream
    this.highestTaken = stream.id
    this.size += 1
  }

  delete(stream: S): void {
    const chain = chainOf(stream.id)
    let before: S | null = null
    let at = this.#chains[chain] ?? null
    while (at !== null && at !== stream) {
      before = at
      at = at.next
    }
    if (at === null) return
    if (before === null) this.#chains[chain] = stream.next
    else before.next = stream.next
    stream.next = null
    this.size -= 1
  }
}

/** Those of clients are odd. */
function chainOf(streamId: number): number {
  return (streamId >>> 1) & (CHAINS - 1)
}
