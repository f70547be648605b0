import { HeadgateError } from './errors.ts'

/**
 * Why no answer came in time: `store`, which had all the time it may take since it was asked; `overload`, where the
 * caller's time ended first, because the process or its queue was too long or the caller could wait for less.
 */
export type Blame = 'store' | 'overload'

/** The `cause` of a `store-unavailable` error when a time was up. What was sent may still be carried out. */
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

/** The error of a time that was up. */
export function timedOut(deadlineMs: number, blame: Blame): HeadgateError {
  const cause = new StoreTimeout(deadlineMs, blame)
  const who = blame === 'store' ? 'The store gave' : 'Overloaded or in a hurry, this process got'
  return new HeadgateError(
    'store-unavailable',
    `${who} ${cause.message}; see onStoreError for what then happens`,
    {
      cause,
    },
  )
}
