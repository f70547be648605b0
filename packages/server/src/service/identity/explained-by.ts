import { HeadgateError } from 'headgate'
import type { Token } from './verify-token.ts'

/** What becomes of an error where the request had a token: one that is not valid is why an identity is missing. */
export function explainedBy(token: Token, reason: unknown): HeadgateError {
  const error = HeadgateError.from(reason)
  if (error.code !== 'invalid-key' || token.state !== 'invalid') return error
  return new HeadgateError('unauthenticated', `the token is not valid: ${token.why}`, { cause: error })
}
