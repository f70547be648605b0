import { HeadgateError } from './errors.ts'

const breakerErrors = new WeakSet<HeadgateError>()

/** The error of calls that an open breaker does not send; `cause` is the failure that opened it. */
export function breakerOpenError(cause: unknown, failures: number): HeadgateError {
  const message = `The store is left alone after ${failures} failures; it is asked again shortly`
  const error = new HeadgateError('store-unavailable', message, { cause })
  breakerErrors.add(error)
  return error
}

/** Whether an error came from an open breaker: its call was never sent, even where its cause is a lost reply. */
export function isBreakerOpenError(reason: Error): boolean {
  return breakerErrors.has(reason as HeadgateError)
}

/** Whether a store that was left alone was never asked, so that a call which failed with this took no effect there. */
export function isUnsent(reason: unknown): boolean {
  if (!(reason instanceof Error)) return false
  return isBreakerOpenError(reason) || isUnsent(reason.cause)
}
