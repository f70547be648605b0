import { type Decision, HeadgateError } from 'headgate'

/**
 * The denial in place of the error, where a call brought a sixth window to a key: the caller of a wire did nothing wrong, and
 * passes once one of the five has recovered. Anything else is thrown again.
 */
export function denialOf(reason: unknown, cost: number): Decision {
  if (!HeadgateError.is(reason) || reason.code !== 'too-many-windows') throw reason
  warnOnce()
  return {
    allowed: false,
    reason: 'limited',
    source: 'store',
    policy: null,
    rule: null,
    limit: null,
    remaining: null,
    cost,
    retryAfterMs: reason.retryAfterMs,
    resetAfterMs: null,
    rules: [],
    shadow: [],
    receipt: null,
  }
}

let warned = false

function warnOnce(): void {
  if (warned) return
  warned = true
  const fix = 'use align: calendar, or put a limit that is computed anew for each call on a window rule'
  process.emitWarning(`Calls bring more than five windows to one key, and are denied; ${fix}`, {
    type: 'HeadgateWarning',
    code: 'HEADGATE_TOO_MANY_WINDOWS',
    detail: 'docs/reference/errors.md#too-many-windows',
  })
}
