import { HeadgateError } from '../core/errors.ts'
import type { FailureView } from '../core/health.ts'

/**
 * Whose fault it is that no answer came in time: `store`, which had all the time it may take; `caller`, who could
 * not wait that long; `process`, which was stalled and could not look.
 */
export type Blame = 'store' | 'caller' | 'process'

/** The `cause` of a `store-unavailable` error when a deadline passed. What was asked may still be carried out. */
export class StoreTimeout extends Error {
  override readonly name = 'StoreTimeout'
  readonly deadlineMs: number
  readonly blame: Blame

  constructor(deadlineMs: number, blame: Blame) {
    super(`no answer within ${deadlineMs} ms`)
    this.deadlineMs = deadlineMs
    this.blame = blame
  }
}

/** The error of a passed deadline. */
export function timedOut(deadlineMs: number, blame: Blame): HeadgateError {
  const cause = new StoreTimeout(deadlineMs, blame)
  const message = `The store gave ${cause.message}; see onStoreError for what then happens`
  return new HeadgateError('store-unavailable', message, { cause })
}

/** Whether a store could not answer. Errors of wrong use and defects are not that; unknown ones are a driver's. */
export function isUnavailable(reason: unknown): boolean {
  return !HeadgateError.is(reason) || reason.code === 'store-unavailable'
}

/** Whether a failure says something of the store, and not of who asked it. */
export function isStoreFault(reason: unknown): boolean {
  if (!isUnavailable(reason)) return false
  const cause = reason instanceof Error ? reason.cause : undefined
  return !(cause instanceof StoreTimeout) || cause.blame === 'store'
}

const MESSAGE_MAX = 200

/** A failure as health shows it: what may hold a password is masked, and nothing is long. */
export function viewOf(reason: unknown, at: number): FailureView {
  const { code, message } = HeadgateError.from(reason, 'store-unavailable')
  return { code, message: message.replace(/\/\/[^/\s]*@/g, '//***@').slice(0, MESSAGE_MAX), at }
}
