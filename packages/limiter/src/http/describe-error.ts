import { errorTable } from '../core/error-table.ts'
import { type ErrorCode, HeadgateError } from '../core/errors.ts'

/** What a client may be told of an error. */
export interface ErrorDescription {
  readonly code: ErrorCode
  /** One sentence: the client's own mistake in full, anything else in general terms. */
  readonly detail: string
  /** The field it is about, as in `attributes.user`; empty when there is none. */
  readonly path: string
  /** When the same call may succeed, in whole seconds, rounded up, at least 1; null where nobody can say. */
  readonly retryAfterSeconds: number | null
}

/** When to come again after an error that time mends, although nobody knows how much of it. */
const UNKNOWN_WAIT_SECONDS = 1

/** Describes any thrown value. The text of a store's or a defect's error, which may hold addresses and keys, is left out. */
export function describeError(reason: unknown): ErrorDescription {
  const { code, detail, path, retryAfterMs } = HeadgateError.from(reason)
  const { http, meaning } = errorTable[code]
  return {
    code,
    detail: http < 500 ? detail : meaning,
    path,
    retryAfterSeconds: secondsOf(retryAfterMs) ?? (http === 503 ? UNKNOWN_WAIT_SECONDS : null),
  }
}

function secondsOf(ms: number | null): number | null {
  return ms === null ? null : Math.max(1, Math.ceil(ms / 1000))
}
