import { HeadgateError } from './errors.ts'

const refusals = new WeakSet<HeadgateError>()

/** The error of calls that a breaker keeps from the store; its cause is the failure that was too many. */
export function refusalAfter(cause: unknown, failures: number): HeadgateError {
  const message = `The store is left alone after ${failures} failures; it is asked again shortly`
  const refusal = new HeadgateError('store-unavailable', message, { cause })
  refusals.add(refusal)
  return refusal
}

/** Whether a call was never sent: nothing can have come of it, whatever became of the one its error has as cause. */
export function isRefusal(reason: Error): boolean {
  return refusals.has(reason as HeadgateError)
}
