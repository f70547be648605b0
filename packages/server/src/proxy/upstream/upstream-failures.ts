import type { Outcome } from '../proxy-outcome.ts'

/** What a failure is to the client. */
export interface UpstreamFailure {
  readonly outcome: Outcome
  /** Of the answer, where the response has not begun. */
  readonly status: number
}

/** Why there is no response of the upstream, or not all of it: a closed set. */
export const FAILURES = {
  /** No connection: refused, unknown name, wrong certificate. */
  'connect-failed': { outcome: 'upstream-unreachable', status: 502 },
  'connect-timeout': { outcome: 'upstream-unreachable', status: 502 },
  /** All connections are in use, and as many requests wait, or this one waited too long. */
  overloaded: { outcome: 'overloaded', status: 503 },
  /** It closed the connection before it answered. */
  'hung-up': { outcome: 'upstream-unreachable', status: 502 },
  'first-byte-timeout': { outcome: 'upstream-timeout', status: 504 },
  /** It neither read nor sent anything for a while. */
  'idle-timeout': { outcome: 'upstream-timeout', status: 504 },
  'total-timeout': { outcome: 'upstream-timeout', status: 504 },
  /** The head is over 32 KiB, or has over 200 fields. */
  'head-too-large': { outcome: 'upstream-failed', status: 502 },
  /** It is no HTTP, or where it ends can be read in two ways. */
  'bad-response': { outcome: 'upstream-failed', status: 502 },
  /** Over 10 heads with a status below 200. */
  'too-many-interim': { outcome: 'upstream-failed', status: 502 },
  /** The response ended before its body did. */
  'broke-off': { outcome: 'upstream-failed', status: 502 },
  /** The client neither read nor sent anything for a while. */
  'client-stalled': { outcome: 'client-gone', status: 408 },
  /** The body of the request broke off, or is longer or shorter than its length. */
  'body-broken': { outcome: 'client-gone', status: 400 },
  /** The request cannot be written as HTTP: a defect of the caller. */
  'not-sendable': { outcome: 'internal-error', status: 500 },
} as const satisfies Readonly<Record<string, UpstreamFailure>>

/** The name of a failure. */
export type FailureReason = keyof typeof FAILURES

/** How far a request had come. */
export interface Progress {
  /** Whether there was a connection; nothing was written otherwise. */
  readonly isConnected: boolean
  /** Whether any byte of a response came. */
  readonly isAnswered: boolean
  /** Whether the head of the response went on. */
  readonly hasBegun: boolean
}

/** Reads an error of the client of HTTP. */
export function reasonOf(error: Error, { isConnected, isAnswered, hasBegun }: Progress): FailureReason {
  const code = 'code' in error ? String(error.code) : ''
  if (code === 'UND_ERR_INVALID_ARG' || code === 'UND_ERR_NOT_SUPPORTED') return 'not-sendable'
  if (code === 'UND_ERR_REQ_CONTENT_LENGTH_MISMATCH') return 'body-broken'
  if (!isConnected) return code === 'ETIMEDOUT' ? 'connect-timeout' : 'connect-failed'
  if (hasBegun) return 'broke-off'
  if (code === 'UND_ERR_HEADERS_OVERFLOW') return 'head-too-large'
  return isAnswered || code.startsWith('HPE_') ? 'bad-response' : 'hung-up'
}

/** What is the fault of a target, where the connection was new. */
export function isFaultOfTarget(why: FailureReason): boolean {
  switch (why) {
    case 'connect-failed':
    case 'connect-timeout':
    case 'hung-up':
    case 'first-byte-timeout':
      return true
    default:
      return false
  }
}

/** A request as far as it matters to whether it may be sent once more. */
export interface Repeatable {
  readonly isIdempotent: boolean
  /** Null: it has none. */
  readonly body: unknown
}

/**
 * Whether the target has done nothing, or would do the same again: no connection was made, or one that it had kept (`isKept`) ended
 * at the moment at which a request without a body was sent.
 */
export function isUnprocessed(
  why: FailureReason,
  isKept: boolean,
  { isIdempotent, body }: Repeatable,
): boolean {
  if (why === 'connect-failed' || why === 'connect-timeout') return true
  return why === 'hung-up' && isKept && isIdempotent && body === null
}
