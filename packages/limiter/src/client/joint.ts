import { atRequest, checkRequest } from '../core/limit-request.ts'
import type { LimitRequest } from '../core/limiter.ts'
import { asDecision } from './read-answer.ts'
import { checkCall } from './remote-call-options.ts'
import type { RemoteJointDecision } from './remote-types.ts'
import { callBody } from './request-body.ts'
import type { Answer } from './service-calls.ts'
import { ServiceFailure } from './service-failure.ts'
import { standInDecision } from './stand-in.ts'

/** One of several requests, checked; an error names its place. */
export function jointPart(
  request: LimitRequest,
  i: number,
): { readonly body: object; readonly cost: number } {
  try {
    const { who, call } = checkRequest(request)
    const cost = checkCall(call)
    const { verb, anyOf } = request
    return { cost, body: { ...callBody(who, call), ...(verb && { verb }), ...(anyOf && { anyOf }) } }
  } catch (reason) {
    throw atRequest(reason, i)
  }
}

/** The decisions of an answer to `count` requests. */
export function jointOf({ allowed, retryAfterMs, decisions }: Answer, count: number): RemoteJointDecision {
  if (typeof allowed !== 'boolean' || !Array.isArray(decisions) || decisions.length !== count) {
    throw new ServiceFailure('answered something else than decisions')
  }
  return { allowed, retryAfterMs: retryAfterMs as number | null, decisions: decisions.map(asDecision) }
}

/** The decisions of `open` or `closed`, for requests of these costs. */
export function jointStandIn(source: 'open' | 'closed', costs: readonly number[]): RemoteJointDecision {
  const allowed = source === 'open'
  const decisions = costs.map((cost) => standInDecision(source, cost))
  return { allowed, retryAfterMs: allowed ? 0 : null, decisions }
}
