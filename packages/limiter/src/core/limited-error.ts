import type { Denied } from './decision.ts'
import { HeadgateError } from './errors.ts'

/** The error of a call that is denied and has nothing else to answer with: `limited`, or `store-unavailable`. */
export function limitedError(decision: Denied): HeadgateError {
  const { reason, retryAfterMs } = decision
  const code = reason === 'store-unavailable' ? 'store-unavailable' : 'limited'
  const message = `${problemOf(decision)}; ${fixOf(retryAfterMs)}`
  return new HeadgateError(code, message, retryAfterMs === null ? {} : { retryAfterMs })
}

function problemOf({ reason, policy, rule, limit, remaining, cost }: Denied): string {
  const name = policy === null ? 'a limit' : `the limit ${policy}/${rule}`
  switch (reason) {
    case 'limited':
      return limit === null ? 'Too many calls' : `Too many calls: ${name} has ${remaining} of ${limit} left`
    case 'cost-exceeds-capacity':
      return `A cost of ${cost} is more than ${name} ever has, which is ${limit}`
    case 'denied-by-policy':
      return policy === null ? 'Calls of this key are denied' : `No call passes: ${name} is 0`
    case 'blocked':
      return policy === null ? 'This key is blocked' : `This key is blocked under the policy ${policy}`
    case 'store-unavailable':
      return 'The store did not answer, and this limit denies without it'
  }
}

function fixOf(retryAfterMs: number | null): string {
  return retryAfterMs === null ? 'no wait helps' : `call again in ${retryAfterMs} ms`
}
