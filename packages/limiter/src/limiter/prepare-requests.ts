import { HeadgateError, show, wrong } from '../core/errors.ts'
import type { CallOptions, LimitRequest } from '../core/limiter.ts'
import type { Verb } from '../core/store.ts'
import { checkFields } from '../core/validate.ts'
import { checkCall } from './check-call.ts'
import type { Decider } from './decider.ts'
import type { JointRequest } from './evaluate-requests.ts'

/** Most requests of one joint decision, since all of them are sent to the store in one call. */
const REQUESTS_MAX = 100

const verbs: readonly Verb[] = ['consume', 'peek', 'charge', 'credit']

/** Checks all requests of a joint decision and finds their policies, before anything is spent. */
export async function prepareRequests(
  requests: readonly LimitRequest[],
  options: Pick<CallOptions, 'deadlineMs'>,
  decider: Decider,
): Promise<JointRequest[]> {
  checkFields(options, ['deadlineMs'], 'options')
  if (!Array.isArray(requests) || requests.length === 0 || requests.length > REQUESTS_MAX) {
    const what = Array.isArray(requests) ? `a list of ${requests.length}` : requests
    throw wrong(what, `is not a list of 1 to ${REQUESTS_MAX} requests`, 'requests')
  }
  checkCall(options)
  return await Promise.all(
    // Holes of a sparse list are undefined, and refused.
    Array.from(requests, (request, i) => prepare(request, decider).catch((reason) => rethrowAt(reason, i))),
  )
}

async function prepare(request: LimitRequest, decider: Decider): Promise<JointRequest> {
  checkFields(request, ['who', 'verb', 'cost', 'limit', 'policy', 'rule', 'anyOf'], '')
  const { who, verb = 'consume', anyOf = null, ...call } = request
  if (!verbs.includes(verb)) throw wrong(verb, `is not a verb; use ${verbs.join(', ')}`, 'verb')
  const canGroup = verb === 'consume' || verb === 'peek'
  if (anyOf !== null && (typeof anyOf !== 'string' || !canGroup)) {
    const fix = canGroup ? 'use a text' : `${show(verb)} is never denied; leave it out`
    throw wrong(anyOf, `is not a group of requests; ${fix}`, 'anyOf')
  }
  const prepared = await decider.prepare(verb, who, call)
  return { verb, call: prepared, group: anyOf, immediate: decider.immediateDecision(prepared) }
}

/** Throws the error again with the path of the request, such as `requests[2].cost`. */
function rethrowAt(reason: unknown, i: number): never {
  const { code, path, detail, cause, retryAfterMs } = HeadgateError.from(reason)
  const field = path.replace(/^options\.?/, '')
  throw new HeadgateError(code, detail, {
    path: field === '' ? `requests[${i}]` : `requests[${i}].${field}`,
    ...(cause !== undefined && { cause }),
    ...(retryAfterMs !== null && { retryAfterMs }),
  })
}
