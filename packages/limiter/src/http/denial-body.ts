import { type Decision, retryAfterSeconds } from '../core/decision.ts'
import { PROBLEM_JSON, PROBLEM_KINDS } from './problem.ts'

/** A body and its media type. */
export interface TypedBody {
  readonly type: string
  readonly body: string
}

/** How a denial is put, and the status that it is answered with. */
export interface DenialOptions {
  readonly style: 'problem' | 'json' | 'text'
  readonly status: number
}

/** The body of a denial, for whoever sent the request: it says why and for how long, and nothing of the budget. */
export function denialBody(decision: Decision, { style, status }: DenialOptions): TypedBody {
  const seconds = retryAfterSeconds(decision)
  const wait = seconds === null ? null : Math.max(1, seconds)
  const message = MESSAGES[kindOf(decision)] + (wait === null ? '' : `; try again in ${wait} s`)
  switch (style) {
    case 'text':
      return { type: 'text/plain; charset=utf-8', body: `${message}\n` }
    case 'json': {
      const error = { code: decision.reason, message, retryAfterSeconds: wait }
      return { type: 'application/json; charset=utf-8', body: JSON.stringify({ error }) }
    }
    case 'problem':
      return { type: PROBLEM_JSON, body: JSON.stringify(problemOfDenial(decision, status, message)) }
  }
}

const MESSAGES = {
  quotaExceeded: 'Too many requests',
  reducedCapacity: 'Requests are not taken at the moment',
  abnormalUsage: 'This request is refused',
}

function kindOf({ reason, policy }: Decision): keyof typeof MESSAGES {
  if (reason === 'store-unavailable') return 'reducedCapacity'
  // On the list `deny`, or banned; a limit of 0 has a policy.
  const isRefused = reason === 'blocked' || (reason === 'denied-by-policy' && policy === null)
  return isRefused ? 'abnormalUsage' : 'quotaExceeded'
}

function problemOfDenial(decision: Decision, status: number, detail: string): object {
  const { policy, rule } = decision
  const violated = policy === null || rule === null ? {} : { 'violated-policies': [`${policy}/${rule}`] }
  return { ...PROBLEM_KINDS[kindOf(decision)], status, detail, ...violated }
}
