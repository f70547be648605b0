import { HeadgateError, show, wrong } from './errors.ts'
import type { Who } from './key.ts'
import type { CallOptions, LimitRequest } from './limiter.ts'
import type { Verb } from './store.ts'
import { checkFields, checkList } from './validate.ts'

/** Most requests of one joint decision, since all of them are sent to the store in one call. */
const REQUESTS_MAX = 100

const verbs: readonly Verb[] = ['consume', 'peek', 'charge', 'credit']

/** One of several requests, checked but for who it is about and the options of its call. */
interface CheckedRequest {
  readonly who: Who
  readonly verb: Verb
  readonly group: string | null
  readonly call: Omit<CallOptions, 'deadlineMs'>
}

/** Checks the list of a joint decision. Holes of a sparse one become undefined, which {@link checkRequest} refuses. */
export function checkRequests(requests: readonly LimitRequest[]): LimitRequest[] {
  checkList(requests, { max: REQUESTS_MAX, what: 'requests' }, 'requests')
  return Array.from(requests)
}

/** Checks what only one of several requests has. */
export function checkRequest(request: LimitRequest): CheckedRequest {
  checkFields(request, ['who', 'verb', 'cost', 'limit', 'policy', 'rule', 'anyOf'], '')
  const { who, verb = 'consume', anyOf = null, ...call } = request
  if (!verbs.includes(verb)) throw wrong(verb, `is not a verb; use ${verbs.join(', ')}`, 'verb')
  const canGroup = verb === 'consume' || verb === 'peek'
  if (anyOf !== null && (typeof anyOf !== 'string' || !canGroup)) {
    const fix = canGroup ? 'use a text' : `${show(verb)} is never denied; leave it out`
    throw wrong(anyOf, `is not a group of requests; ${fix}`, 'anyOf')
  }
  return { who, verb, group: anyOf, call }
}

/** The error again with the path of the request, such as `requests[2].cost`. */
export function atRequest(reason: unknown, i: number): HeadgateError {
  const { code, path, detail, cause, retryAfterMs } = HeadgateError.from(reason)
  const field = path.replace(/^options\.?/, '')
  return new HeadgateError(code, detail, {
    path: field === '' ? `requests[${i}]` : `requests[${i}].${field}`,
    ...(cause !== undefined && { cause }),
    ...(retryAfterMs !== null && { retryAfterMs }),
  })
}
