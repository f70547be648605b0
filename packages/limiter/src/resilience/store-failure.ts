import { HeadgateError } from '../core/errors.ts'
import type { FailureView } from '../core/health-report.ts'
import { type Blame, StoreTimeout } from '../core/store-timeout.ts'

/**
 * Whether an error means that a store could not answer: not for wrong use and defects; unknown errors are a driver's.
 */
export function isUnavailable(reason: unknown): boolean {
  return !HeadgateError.is(reason) || reason.code === 'store-unavailable'
}

/** Whether a failure is due to the store, and not to its caller or to overload. */
export function isStoreFault(reason: unknown): boolean {
  return isUnavailable(reason) && blameOf(reason) !== 'overload'
}

/** What a timeout is due to; null for other failures. */
export function blameOf(reason: unknown): Blame | null {
  const cause = reason instanceof Error ? reason.cause : undefined
  return cause instanceof StoreTimeout ? cause.blame : null
}

const MESSAGE_MAX = 200

/** A failure as health shows it: credentials in URLs are masked, and the message is cut. */
export function viewOf(reason: unknown, at: number): FailureView {
  const { code, message } = HeadgateError.from(reason, 'store-unavailable')
  return { code, message: message.replace(/\/\/[^/\s]*@/g, '//***@').slice(0, MESSAGE_MAX), at }
}
