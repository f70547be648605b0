import type { BufferPool } from './buffer-pool.ts'
import type { Holding } from './holding.ts'
import type { Http2Clock } from './http2-clock.ts'
import type { ConnectionEnd, Http2Counts } from './http2-counts.ts'
import type { Http2Handler } from './http2-handler.ts'
import type { Http2Limits } from './http2-limits.ts'

/** What a connection has of its server. */
export interface ServerParts {
  readonly handler: Http2Handler
  readonly limits: Http2Limits
  readonly clock: Http2Clock
  readonly pool: BufferPool
  readonly counts: Http2Counts
  /** Something has failed that must not. */
  readonly onFault: (reason: unknown) => void
  /** A connection ends before its client wanted. */
  readonly onEnd: (why: ConnectionEnd) => void
}

/** Whose connection it is. */
export interface Owner {
  readonly peer: string | undefined
  /** What is held for that peer, on all of its connections. */
  readonly holding: Holding
}
