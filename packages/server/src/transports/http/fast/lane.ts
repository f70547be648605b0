import type { Socket } from 'node:net'
import type { Endings } from './answer-text.ts'
import type { FastLimits } from './fast-limits.ts'
import type { FastAnswer, FastHandler } from './fast-request.ts'
import type { HandOverReason } from './hand-over-reason.ts'
import type { RequestRules } from './parse-request.ts'

/** A route of the fast path. */
export interface FastRoute {
  readonly target: string
  readonly handler: FastHandler
}

/** What all connections of a server have together. */
export interface Lane {
  readonly rules: RequestRules<FastRoute>
  readonly limits: FastLimits
  readonly endings: Endings
  /** From now on each connection ends with its next answer. */
  readonly isDraining: boolean
  readonly onFailure: (reason: unknown) => FastAnswer
  readonly onHandOver: (reason: HandOverReason) => void
  readonly onAnswered: () => void
  /** A client takes none of its answers, and is cut off. */
  readonly onStuck: () => void
  /** Gives a connection to the ordinary server, for good. */
  handOver(socket: Socket): void
  /** Tells the ordinary server of octets that are no request, or of one that is late; it answers and ends. */
  clientError(code: 'HPE_INVALID_EOF_STATE' | 'ERR_HTTP_REQUEST_TIMEOUT', socket: Socket): void
  /** Whom octets are held for; null where they are not counted. */
  peerOf(socket: Socket): string | null
  /** Counts octets that are held for somebody, more or less; false where it is too many. */
  hold(peer: string, by: number): boolean
}
