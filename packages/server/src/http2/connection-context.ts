import type { ConnectionWindow } from './connection-window.ts'
import type { HeaderBlock } from './header-block.ts'
import type { HpackDecoder } from './hpack/hpack-decoder.ts'
import type { HpackEncoder } from './hpack/hpack-encoder.ts'
import type { ConnectionEnd, Http2Counts } from './http2-counts.ts'
import type { Http2Limits } from './http2-limits.ts'
import type { ReadHead } from './request-head.ts'
import type { Shutdown } from './shutdown.ts'
import type { Stream, StreamHost } from './stream.ts'

/** A connection, for those who read its frames and watch its time. */
export interface ConnectionContext extends StreamHost {
  readonly limits: Http2Limits
  readonly block: HeaderBlock
  readonly decoder: HpackDecoder<ReadHead>
  readonly encoder: HpackEncoder
  readonly window: ConnectionWindow
  readonly shutdown: Shutdown
  readonly counts: Http2Counts
  /** Whether the client has said its settings. */
  hasSettings: boolean
  /** Whether frames still matter. */
  readonly isReading: boolean

  /** Takes points for what was done in vain; false where there were too few, and the connection has ended. */
  charge(points: number): boolean
  /** The same, for what an honest client may have done. */
  chargeUnlessForgiven(points: number): boolean
  /** A connection error (RFC 9113, section 5.4.1), or the end of it. */
  fail(errorCode: number, why?: ConnectionEnd): void
  /** A stream has ended: nobody has anything of it any more. */
  close(stream: Stream): void
}
