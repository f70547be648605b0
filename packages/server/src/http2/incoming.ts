import type { ConnectionClock } from './connection-clock.ts'
import type { ReadHead } from './request-head.ts'

/** What is kept for each stream, whatever its request is: about as much, by the heap of 12,800 calls. */
const STREAM_BYTES = 1024

/** What arrives of a request. */
export class Incoming {
  /** Whether its client may send more. */
  isOpen = true
  /** The length that the request announced; -1 where it did not. */
  readonly expectedBytes: number
  /** When it began: in milliseconds of the clock, and in sweeps of the connection. */
  readonly begunMs: number
  readonly begunAt: number
  /** Whether the handler gives octets back itself. */
  isHeld = false
  /** Octets of the body so far. */
  bytes = 0
  /** Octets of the window that were not given back, and those of them which nobody needs any more. */
  owedBytes = 0
  freeBytes = 0
  /** Octets of the body that the handler may keep. */
  heldBytes = 0
  /** What the request takes up until it is answered, without its body. */
  ownBytes: number

  constructor(clock: ConnectionClock, { contentLength, bytes }: Pick<ReadHead, 'contentLength' | 'bytes'>) {
    this.expectedBytes = contentLength
    this.ownBytes = STREAM_BYTES + bytes
    this.begunMs = clock.readMs
    this.begunAt = clock.now
  }
}
