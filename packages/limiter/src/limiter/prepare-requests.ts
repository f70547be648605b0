import { atRequest, checkRequest, checkRequests } from '../core/limit-request.ts'
import type { CallOptions, LimitRequest } from '../core/limiter.ts'
import { checkFields } from '../core/validate.ts'
import { checkCall } from './check-call.ts'
import type { Decider } from './decider.ts'
import type { JointRequest } from './evaluate-requests.ts'

/** Checks all requests of a joint decision and finds their policies, before anything is spent. */
export async function prepareRequests(
  requests: readonly LimitRequest[],
  options: Pick<CallOptions, 'deadlineMs'>,
  decider: Decider,
): Promise<JointRequest[]> {
  checkFields(options, ['deadlineMs'], 'options')
  const checked = checkRequests(requests)
  checkCall(options)
  return await Promise.all(
    checked.map((request, i) =>
      prepare(request, decider).catch((reason) => {
        throw atRequest(reason, i)
      }),
    ),
  )
}

async function prepare(request: LimitRequest, decider: Decider): Promise<JointRequest> {
  const { who, verb, group, call } = checkRequest(request)
  const prepared = await decider.prepare(verb, who, call)
  return { verb, call: prepared, group, immediate: decider.immediateDecision(prepared) }
}
