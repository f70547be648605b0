import type { Source } from './decision.ts'
import type { ErrorCode } from './errors.ts'

/** `closed` lets calls through, `open` refuses them at once, `half-open` waits for the answer of one probe. */
export type BreakerState = 'closed' | 'half-open' | 'open'

/** A failure of a store, for people. */
export interface FailureView {
  readonly code: ErrorCode
  /** What the store or its client said, without credentials. */
  readonly message: string
  /** Milliseconds since the Unix epoch. */
  readonly at: number
}

/** What is known of one store, or of one part of a store. */
export interface PartHealth {
  /** `unreachable` while the breaker is not closed, `unknown` until the first answer. */
  readonly store: 'reachable' | 'unreachable' | 'unknown'
  /** When it last carried out what was asked, in milliseconds since the Unix epoch. */
  readonly answeredAt: number | null
  readonly breaker: BreakerState
  /** Failed calls since the last that did not. */
  readonly consecutiveFailures: number
  readonly lastError: FailureView | null
}

/** How long a store took to answer, over the last ten to twenty seconds. */
export interface LatencyView {
  readonly count: number
  /** Milliseconds; percentiles are rounded up, by an eighth at most. */
  readonly p50Ms: number
  readonly p99Ms: number
  readonly maxMs: number
}

/** How a limiter and its store are, as far as it is known: reading it asks nobody. */
export interface Health extends PartHealth {
  /** The parts of the store, each with a breaker of its own; the fields above say the worst of them. */
  readonly parts: readonly PartHealth[]
  /** Decisions by who answered them; null where the store is in this process, unless somebody listens or `health: true`. */
  readonly decisions: Readonly<Record<Exclude<Source, 'none'>, number>> | null
  /** Decisions made without the store because their answer time ended first: this process has more to do than it can. */
  readonly overloads: number
  /** Null when nothing was measured of late. */
  readonly latency: LatencyView | null
  /** How many processes a local share is computed for. */
  readonly replicas: number
}
