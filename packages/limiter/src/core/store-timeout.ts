import { HeadgateError } from './errors.ts'

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
