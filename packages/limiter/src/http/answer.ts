import type { Decision } from '../core/decision.ts'
import { wrong } from '../core/errors.ts'
import type { HeaderFields, PolicyAnswer, ResponseOptions } from '../core/policy-answer.ts'
import { denialBody } from './denial-body.ts'
import type { HeaderOptions } from './header-options.ts'
import { compileHeaders, type HeaderWriter, tellsLimits } from './rate-limit-headers.ts'

/** How a decision is answered. */
export interface AnswerOptions {
  /**
   * Which fields tell of limits, or the function that writes them: what `compileHeaders` gives is checked once, not at every
   * answer. With `false` there is only `Retry-After`, and no body names a policy or a number.
   * @default RateLimit-Policy and RateLimit of draft 11
   */
  readonly headers?: false | HeaderOptions | HeaderWriter
  /**
   * Whose budget it is, for `headers.partitionKey`.
   * @default none
   */
  readonly key?: string
  /**
   * What policies add, by name, as `policyAnswers` of `headgate/policies` compiles it.
   * @default nothing
   */
  readonly answers?: ReadonlyMap<string, PolicyAnswer>
  /**
   * Body of a denial whose policy has no response of its own: a problem document (RFC 9457), `{ "error": { code, message, details,
   * recovery_suggestions } }`, or one line of text.
   * @default 'problem'
   */
  readonly denial?: 'problem' | 'json' | 'text'
  /**
   * Status of every denial, in place of its own: some gateways pass on 403 only.
   * @default that of the denial: 429, 503, or that of the policy's own response
   */
  readonly deniedStatus?: number
}

/** An answer over HTTP; names of header fields are in lower case. */
export interface HttpAnswer {
  readonly status: number
  readonly headers: Record<string, string>
  /** Empty where the request passes: what it asks for is then answered by somebody else. */
  readonly body: string
}

/** A denial is for one client and one moment (RFC 6585, section 4). */
export const NO_STORE: HeaderFields = { 'cache-control': 'no-store' }

/** What policies add to the answer to one decision. */
export interface PolicyAdditions {
  /** Of all policies that judged the request; where two set one field, the binding policy wins, else the first. */
  readonly headers: HeaderFields
  /** That of the binding policy, of a denial; null where it has none. */
  readonly response: Required<ResponseOptions> | null
}

/**
 * The answer to the request that a decision is about: 200, or a denial with 429 (503 where the store did not answer) or the
 * policy's own response. Fields that tell of limits are always those of the decision. Invalid options throw `invalid-options`.
 */
export function answerTo(decision: Decision, options: AnswerOptions = {}): HttpAnswer {
  const { answers, denial = 'problem' } = options
  // Checked at every answer, so that a mistake shows before the first denial.
  if (denial !== 'problem' && denial !== 'json' && denial !== 'text') {
    throw wrong(denial, 'is no style of body; use problem, json or text', 'denial')
  }
  const { headers, response } = additionsOf(decision, answers)
  const limits = fieldsOf(decision, options)
  if (decision.allowed) return { status: 200, headers: { ...headers, ...limits }, body: '' }
  if (response !== null) {
    const { body } = response
    const status = options.deniedStatus ?? response.status
    return { status, headers: { ...headers, ...response.headers, ...NO_STORE, ...limits }, body }
  }
  const status = options.deniedStatus ?? statusOf(decision)
  const { type, body } = denialBody(decision, {
    style: denial,
    status,
    tellsLimits: tellsLimits(limits),
  })
  return { status, headers: { ...headers, 'content-type': type, ...NO_STORE, ...limits }, body }
}

/** Status of a denial that nobody has chosen another for: 429, and 503 where the store that should decide does not answer. */
export function statusOf({ reason }: Decision): number {
  return reason === 'store-unavailable' ? 503 : 429
}

function fieldsOf(decision: Decision, { headers, key }: AnswerOptions): Record<string, string> {
  const write = typeof headers === 'function' ? headers : compileHeaders(headers)
  return write(decision, key)
}

const NO_ADDITIONS: PolicyAdditions = Object.freeze({ headers: Object.freeze({}), response: null })

/** What the policies that judged a request add to its answer, for those who pass it on as data. */
export function additionsOf(
  decision: Decision,
  answers: ReadonlyMap<string, PolicyAnswer> = new Map(),
): PolicyAdditions {
  if (answers.size === 0) return NO_ADDITIONS
  const { policy, rules, allowed } = decision
  const binding = policy === null ? undefined : answers.get(policy)
  const judged = [...new Set(rules.map((rule) => rule.policy))].reverse()
  const headers = judged.map((name) => answers.get(name)?.headers)
  return {
    headers: Object.assign({}, ...headers, binding?.headers),
    response: allowed ? null : (binding?.response ?? null),
  }
}
