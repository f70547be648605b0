import { HeadgateError } from 'headgate'
import { errorTable } from 'headgate/errors'
import { describeError, type ErrorDescription } from 'headgate/http'

/** What a transport may tell a caller of an error, and what stays here. */
export interface Failure extends ErrorDescription {
  /** Whether the caller did something wrong; else the store or Headgate failed. */
  readonly isCallers: boolean
  /** The error itself, for the log. */
  readonly error: HeadgateError
}

/** Reads any thrown value. */
export function describeFailure(reason: unknown): Failure {
  const error = HeadgateError.from(reason)
  return { ...describeError(error), isCallers: errorTable[error.code].http < 500, error }
}

/** An error of a request that never reaches the limiter. */
export function badRequest(
  message: string,
  path: string,
  code: 'invalid-request' | 'invalid-key' | 'invalid-cost' = 'invalid-request',
): HeadgateError {
  return new HeadgateError(code, message, { path })
}

/** Names the field of an error that has none. */
export function atField(reason: unknown, path: string): HeadgateError {
  const error = HeadgateError.from(reason)
  if (error.path !== '') return error
  const { code, message, cause, retryAfterMs } = error
  return new HeadgateError(code, message, { cause, path, ...(retryAfterMs !== null && { retryAfterMs }) })
}
