import { errorTable } from '../core/error-table.ts'
import { type ErrorCode, HeadgateError } from '../core/errors.ts'

/** The parts of an error that may be sent to a client. */
export interface ErrorDescription {
  readonly code: ErrorCode
  /** One sentence: the message of the error where the client made a mistake, else only the meaning of the code. */
  readonly detail: string
  /** The wrong field, such as `attributes.user`; empty where there is none. */
  readonly path: string
  /**
   * After how many whole seconds the same call may succeed, rounded up and at least 1: 2 for 1500 ms. Null where no wait helps,
   * or it is unknown.
   */
  readonly retryAfterSeconds: number | null
}

/** For errors with status 503 without a known wait. */
const UNKNOWN_WAIT_SECONDS = 1

/**
 * Describes any thrown value for a client. The messages of store failures and of defects are left out, since they may contain
 * addresses and keys.
 */
export function describeError(reason: unknown): ErrorDescription {
  const { code: given, detail, path, retryAfterMs } = HeadgateError.from(reason)
  // An error of another version of Headgate may have a code that is not known here.
  const code = Object.hasOwn(errorTable, given) ? given : 'internal'
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
