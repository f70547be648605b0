import { type Decision, unjudgedDecision } from '../core/decision.ts'
import { HeadgateError } from '../core/errors.ts'
import { warnOnce } from '../core/warn.ts'

/**
 * The denial in place of the error, where a call brought a sixth window to a key: who sent the request did nothing wrong, and
 * passes once one of the five has recovered. Anything else is thrown again.
 */
export function windowDenial(reason: unknown, cost: number): Decision {
  if (!HeadgateError.is(reason) || reason.code !== 'too-many-windows') throw reason
  tellOnce()
  const { retryAfterMs } = reason
  return unjudgedDecision({ allowed: false, reason: 'limited', source: 'store', cost, retryAfterMs })
}

function tellOnce(): void {
  const fix = 'use align: calendar, or put a limit that is computed anew for each call on a window rule'
  warnOnce(
    'HEADGATE_TOO_MANY_WINDOWS',
    `Calls bring more than five windows to one key, and are denied; ${fix}`,
  )
}
