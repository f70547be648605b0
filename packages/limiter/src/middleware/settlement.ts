import { invalid } from '../core/errors.ts'
import type { Reservation } from '../core/limiter.ts'
import { checkCost } from '../core/validate.ts'
import type { Outcome } from './exchange.ts'
import { andThen, type MaybePromise } from './maybe-promise.ts'
import type { RequestPart } from './rate-limit-options.ts'

/** What to do about a spend once the response has ended. */
export type Settle<R> = (reservation: Reservation, outcome: Outcome, request: R) => Promise<void>

/** Compiles the options that settle after the response; null where none does. */
export function compileSettle<R>(options: RequestPart<R>): Settle<R> | null {
  const { charge, skipSuccessful = false, skipFailed = false } = options
  if (skipSuccessful && skipFailed) {
    throw invalid('options.skipFailed', 'with skipSuccessful nothing would be spent; leave one out')
  }
  if (charge === undefined && !skipSuccessful && !skipFailed) return null
  const isSkipped = compileSkipped(options)
  return async (reservation, outcome, request) => {
    if (await isSkipped(outcome, request)) await reservation.cancel()
    else if (charge !== undefined) await reservation.settle(checkCost(await charge(outcome, request)))
  }
}

/** Whether a spend is given back. A client that hangs up gets nothing back: the work was done, and it could do so each time. */
function compileSkipped<R>(options: RequestPart<R>): (outcome: Outcome, request: R) => MaybePromise<boolean> {
  const { skipSuccessful = false, skipFailed = false, isSuccessful } = options
  if (!skipSuccessful && !skipFailed) return () => false
  if (isSuccessful === undefined) return ({ status, aborted }) => !aborted && status < 400 === skipSuccessful
  return (outcome, request) =>
    andThen(isSuccessful(outcome, request), (isSuccess) => Boolean(isSuccess) === skipSuccessful)
}
