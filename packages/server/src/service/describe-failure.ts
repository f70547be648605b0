import { type ErrorCode, HeadgateError } from 'headgate'
import { errorTable } from 'headgate/errors'

/** What a transport may tell a caller of an error; causes stay here. */
export interface Failure {
  readonly code: ErrorCode
  readonly http: number
  readonly retryable: boolean
  /** When the same call may succeed, in whole seconds, rounded up; null where nobody can say. */
  readonly retryAfterSeconds: number | null
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
  const { code, path, retryAfterMs } = error
  const { http, retryable, meaning } = errorTable[code]
  // The text of a store's or a defect's error may hold addresses and keys.
  const detail = http < 500 ? bare(error) : meaning
  const retryAfterSeconds = retryAfterMs === null ? null : Math.max(1, Math.ceil(retryAfterMs / 1000))
  return { code, http, retryable, retryAfterSeconds, detail, path, error }
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

/** The message without the path it begins with. */
function bare({ message, path }: HeadgateError): string {
  return path !== '' && message.startsWith(`${path}: `) ? message.slice(path.length + 2) : message
}
