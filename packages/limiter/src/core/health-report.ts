import type { Source } from './decision.ts'
import type { ErrorCode } from './errors.ts'

/** State of a circuit breaker: `closed` sends calls to the store, `open` fails them at once, `half-open` awaits one probe. */
export type BreakerState = 'closed' | 'half-open' | 'open'

/** The latest failure of a store, for people. */
export interface FailureView {
  readonly code: ErrorCode
  /** The error message of the store or its client, without credentials. */
  readonly message: string
  /** Milliseconds since the Unix epoch. */
  readonly at: number
}

/** Health of one store, or of one part of a store such as a server of a cluster. */
export interface PartHealth {
  /** `unreachable` while the breaker is not closed, `unknown` until the first answer. */
  readonly store: 'reachable' | 'unreachable' | 'unknown'
  /** When it last carried out a call, in milliseconds since the Unix epoch; null before the first. */
  readonly answeredAt: number | null
  readonly breaker: BreakerState
  /** Failed calls since the last successful one. */
  readonly consecutiveFailures: number
  /** The latest failure; null before the first. */
  readonly lastError: FailureView | null
}

/** How long a store took to answer over the last 10 to 20 seconds; percentiles are rounded up, by an eighth at most. */
export interface LatencyView {
  /** How many answers were measured. */
  readonly count: number
  /** Half of the answers took at most this many milliseconds. */
  readonly p50Ms: number
  /** 99 % of the answers took at most this many milliseconds. */
  readonly p99Ms: number
  /** The longest answer, in milliseconds. */
  readonly maxMs: number
}

/** Health of a limiter and its store. Reading it makes no call to the store. */
export interface Health extends PartHealth {
  /** The parts of the store, each with a breaker of its own; the fields of `Health` itself are those of the worst part. */
  readonly parts: readonly PartHealth[]
  /** Decisions by source; null for a store in this process, unless the limiter has a listener or the option `health`. */
  readonly decisions: Readonly<Record<Exclude<Source, 'none'>, number>> | null
  /** Decisions made without the store because their answer time ended before it could be called: this process is overloaded. */
  readonly overloads: number
  /** Null when nothing was measured in the last 10 to 20 seconds. */
  readonly latency: LatencyView | null
  /** How many processes the share of a fallback is computed for. */
  readonly replicas: number
}
