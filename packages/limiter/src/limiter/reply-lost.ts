import { isBreakerOpenError } from '../core/breaker-open-error.ts'
import { StoreTimeout } from '../core/store-timeout.ts'

/** Error codes of a connection that broke while a reply was pending. */
const BROKEN_CONNECTION = ['ECONNRESET', 'EPIPE', 'ETIMEDOUT']

/** Whether the store may have carried out a call although its reply never came. */
export function isReplyLost(reason: unknown): boolean {
  if (!(reason instanceof Error) || isBreakerOpenError(reason)) return false
  const { code } = reason as { code?: string }
  return reason instanceof StoreTimeout || BROKEN_CONNECTION.includes(code ?? '') || isReplyLost(reason.cause)
}
