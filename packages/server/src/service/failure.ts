import { type ErrorCode, HeadgateError } from 'headgate'
import { errorTable } from 'headgate/errors'

/** What a transport may tell a caller of an error; causes stay here. */
export interface Failure {
  readonly code: ErrorCode
  readonly http: number
  readonly retryable: boolean
  /** One sentence: the caller's own mistake in full, anything else in general terms. */
  readonly detail: string
  /** The field it is about, as in `attributes.user`; empty when there is none. */
  readonly path: string
  /** The error itself, for the log. */
  readonly error: HeadgateError
}

/** Reads any thrown value. */
export function describeFailure(reason: unknown): Failure {
  const error = HeadgateError.from(reason)
  const { code, path } = error
  const { http, retryable, meaning } = errorTable[code]
  // The text of a store's or a defect's error may hold addresses and keys.
  const detail = http < 500 ? bare(error) : meaning
  return { code, http, retryable, detail, path, error }
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
  return new HeadgateError(error.code, error.message, { cause: error.cause, path })
}

/** The message without the path it begins with. */
function bare({ message, path }: HeadgateError): string {
  return path !== '' && message.startsWith(`${path}: `) ? message.slice(path.length + 2) : message
}
