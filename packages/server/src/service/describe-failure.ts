import { HeadgateError } from 'headgate'
import { errorTable } from 'headgate/errors'
import { describeError, type ErrorDescription } from 'headgate/http'
import { withoutStack } from './without-stack.ts'

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
  const described = describeError(error)
  const detail = TELLABLE.has(error) ? error.detail : described.detail
  return { ...described, detail, isCallers: errorTable[error.code].http < 500, error }
}

const TELLABLE = new WeakSet<HeadgateError>()

/** An error whose message callers are told although it is not their mistake: it has nothing of what the store said. */
export function tellable(error: HeadgateError): HeadgateError {
  TELLABLE.add(error)
  return error
}

/** An error of a request that never reaches the limiter. */
export function badRequest(
  message: string,
  path: string,
  code: 'invalid-request' | 'invalid-key' | 'invalid-cost' | 'invalid-receipt' = 'invalid-request',
): HeadgateError {
  return withoutStack(() => new HeadgateError(code, message, { path }))
}

/** An error of a command line: an option that is wrong, or that does not go with the others. */
export function wrongUsage(message: string): HeadgateError {
  return new HeadgateError('invalid-options', message)
}

/** The same error, about the field as the wire calls it. */
export function atField({ code, detail, cause, retryAfterMs }: HeadgateError, path: string): HeadgateError {
  const options = { cause, path, ...(retryAfterMs !== null && { retryAfterMs }) }
  return withoutStack(() => new HeadgateError(code, detail, options))
}
