import type { Reservation } from '../core/limiter.ts'
import { checkCost } from '../core/validate.ts'
import type { Outcome } from './exchange.ts'
import type { RequestPart } from './rate-limit-options.ts'

/** What to do about a spend once the response has ended. */
export type Settle<R> = (reservation: Reservation, outcome: Outcome, request: R) => Promise<void>

/** Compiles the options that settle after the response; null where none does. */
export function compileSettle<R>(options: RequestPart<R>): Settle<R> | null {
  const { charge, skipSuccessful = false, skipFailed = false, isSuccessful = endedWell } = options
  if (charge === undefined && !skipSuccessful && !skipFailed) return null
  return async (reservation, outcome, request) => {
    const isSkipped = skipSuccessful || skipFailed ? await isSuccessful(outcome, request) : null
    if ((isSkipped === true && skipSuccessful) || (isSkipped === false && skipFailed))
      return reservation.cancel()
    if (charge !== undefined) await reservation.settle(checkCost(await charge(outcome, request)))
  }
}

function endedWell({ status, aborted }: Outcome): boolean {
  return status < 400 && !aborted
}
