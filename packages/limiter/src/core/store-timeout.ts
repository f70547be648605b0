import { HeadgateError } from './errors.ts'

/** How long a store may take for an answer where nothing else is said, in milliseconds. */
export const DEADLINE_MS = 15

/**
 * Why no answer came in time. `store`: the store exceeded its deadline. `overload`: the answer time of the caller ended first,
 * because this process was busy, its queue long, or the caller's `deadlineMs` short.
 */
export type Blame = 'store' | 'overload'

/** The `cause` of a `store-unavailable` error after a timeout. The store may still carry out a call that was sent. */
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

/** A `store-unavailable` error after a timeout. */
export function timeoutError(deadlineMs: number, blame: Blame): HeadgateError {
  const cause = new StoreTimeout(deadlineMs, blame)
  const subject = blame === 'store' ? 'The store gave' : 'Overloaded or in a hurry, this process got'
  return new HeadgateError(
    'store-unavailable',
    `${subject} ${cause.message}; see onStoreError for what then happens`,
    {
      cause,
    },
  )
}
