import { HeadgateError } from '../core/errors.ts'
import type { FailureView } from '../core/health-report.ts'
import { type Blame, StoreTimeout } from '../core/store-timeout.ts'

/** Whether a store could not answer. Errors of wrong use and defects are not that; unknown ones are a driver's. */
export function isUnavailable(reason: unknown): boolean {
  return !HeadgateError.is(reason) || reason.code === 'store-unavailable'
}

/** Whether a failure says something of the store, and not of who asked it. */
export function isStoreFault(reason: unknown): boolean {
  return isUnavailable(reason) && blameOf(reason) !== 'overload'
}

/** Why a time was up; null for another failure. */
export function blameOf(reason: unknown): Blame | null {
  const cause = reason instanceof Error ? reason.cause : undefined
  return cause instanceof StoreTimeout ? cause.blame : null
}

const MESSAGE_MAX = 200

/** A failure as health shows it: what may hold a password is masked, and nothing is long. */
export function viewOf(reason: unknown, at: number): FailureView {
  const { code, message } = HeadgateError.from(reason, 'store-unavailable')
  return { code, message: message.replace(/\/\/[^/\s]*@/g, '//***@').slice(0, MESSAGE_MAX), at }
}
