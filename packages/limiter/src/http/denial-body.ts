import { type Decision, type Denied, retryAfterSeconds } from '../core/decision.ts'
import { PROBLEM_JSON, PROBLEM_KINDS } from './problem.ts'
import { unitsLeft } from './told-limits.ts'

/** A body and its media type. */
export interface TypedBody {
  readonly type: string
  readonly body: string
}

/** How a denial is put, and the status that it is answered with. */
export interface DenialOptions {
  readonly style: 'problem' | 'json' | 'text'
  readonly status: number
  /** Whether it may name policies and numbers: where header fields tell them, see `tellsLimits`. */
  readonly tellsLimits: boolean
}

/** The body of a denial, for whoever sent the request: it says why, for how long and what to do. A decision that allows has none. */
export function denialBody(decision: Decision, options: DenialOptions): TypedBody {
  if (decision.allowed) return { type: 'text/plain; charset=utf-8', body: '' }
  const seconds = retryAfterSeconds(decision)
  const denial = { decision, wait: seconds === null ? null : Math.max(1, seconds), ...options }
  switch (options.style) {
    case 'text':
      return { type: 'text/plain; charset=utf-8', body: `${messageOf(denial)}\n` }
    case 'json':
      return {
        type: 'application/json; charset=utf-8',
        body: JSON.stringify({ error: errorOf(denial) }),
      }
    case 'problem':
      return { type: PROBLEM_JSON, body: JSON.stringify(problemOfDenial(denial)) }
  }
}

interface Denial extends DenialOptions {
  readonly decision: Denied
  /** Whole seconds; null where no wait helps. */
  readonly wait: number | null
}

/** Why a request is not served, as whoever sent it understands it. */
type Cause = 'limited' | 'too-large' | 'refused' | 'unavailable'

const MESSAGES: Readonly<Record<Cause, string>> = {
  limited: 'Too many requests',
  'too-large': 'This request needs more than the whole quota',
  refused: 'This request is refused',
  unavailable: 'Requests are not taken at the moment',
}

const PROBLEMS: Readonly<Record<Cause, keyof typeof PROBLEM_KINDS>> = {
  limited: 'quotaExceeded',
  'too-large': 'quotaExceeded',
  refused: 'abnormalUsage',
  unavailable: 'reducedCapacity',
}

function causeOf({ reason, policy }: Denied): Cause {
  switch (reason) {
    case 'limited':
      return 'limited'
    case 'cost-exceeds-capacity':
      return 'too-large'
    case 'denied-by-policy':
      // On the list `deny`; a limit of 0 has a policy.
      return policy === null ? 'refused' : 'limited'
    case 'blocked':
      return 'refused'
    case 'store-unavailable':
      return 'unavailable'
  }
}

function messageOf({ decision, wait }: Denial): string {
  const message = MESSAGES[causeOf(decision)]
  return wait === null ? message : `${message}; try again in ${wait} s`
}

function errorOf(denial: Denial): object {
  const { decision, wait, tellsLimits } = denial
  const { reason, policy, rule, limit } = decision
  const told = tellsLimits ? { policy, rule, limit, remaining: unitsLeft(decision) } : {}
  return {
    code: reason,
    message: messageOf(denial),
    details: { ...told, retry_after_seconds: wait },
    recovery_suggestions: suggestionsFor(denial),
  }
}

function suggestionsFor({ decision, wait, tellsLimits }: Denial): string[] {
  const again = wait === null ? [] : [`Wait ${wait} s before you send this request again.`]
  switch (causeOf(decision)) {
    case 'limited':
      // A script, which has no policy, may pass later without telling when.
      if (wait === null && decision.policy !== null) {
        return ['Do not repeat this request: no wait makes it pass.']
      }
      return [...again, 'Send requests at an even pace, and fewer of them.']
    case 'too-large': {
      const most = tellsLimits && decision.limit !== null ? ` of at most ${decision.limit} each` : ''
      return [
        `Split this request into smaller ones${most}.`,
        'Do not repeat it as it is: no wait makes it pass.',
      ]
    }
    case 'refused':
      return [
        ...(wait === null ? ['Do not repeat this request: no wait makes it pass.'] : again),
        'Ask whoever runs this service if you think that this is a mistake.',
      ]
    case 'unavailable':
      return [...again, 'Nothing is wrong with this request: send it again as it is.']
  }
}

function problemOfDenial(denial: Denial): object {
  const { decision, status, tellsLimits } = denial
  const violated = tellsLimits ? violatedPolicies(decision) : []
  return {
    ...PROBLEM_KINDS[PROBLEMS[causeOf(decision)]],
    status,
    detail: messageOf(denial),
    ...(violated.length > 0 && { 'violated-policies': violated }),
  }
}

/** Every rule that does not let the request pass, the binding one first, by the names that header fields have. */
function violatedPolicies({ policy, rule, rules }: Denied): string[] {
  if (policy === null || rule === null) return []
  const lacking = rules.filter((view) => view.retryAfterMs !== 0).map((view) => `${view.policy}/${view.rule}`)
  return [...new Set([`${policy}/${rule}`, ...lacking])]
}
