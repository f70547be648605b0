import type { CurrentLimit, DescriptorStatus, RateLimitResponse } from '../../service/envoy/messages.ts'

/** An answer of Envoy's rate limit protocol, by the names that its messages have in JSON. */
export function rateLimitJson({
  overallCode,
  statuses,
  responseHeadersToAdd,
  dynamicMetadata,
}: RateLimitResponse): object {
  return {
    overallCode,
    statuses: statuses.map(statusJson),
    ...(responseHeadersToAdd.length > 0 && { responseHeadersToAdd }),
    ...(dynamicMetadata && { dynamicMetadata }),
  }
}

function statusJson({ code, currentLimit, limitRemaining, secondsUntilReset }: DescriptorStatus): object {
  return {
    code,
    ...(currentLimit && { currentLimit: limitJson(currentLimit) }),
    // As in all messages, nothing said is 0; beside a limit it is good to read.
    ...((currentLimit !== undefined || limitRemaining > 0) && { limitRemaining }),
    ...(secondsUntilReset !== undefined && { durationUntilReset: `${secondsUntilReset}s` }),
  }
}

function limitJson({ name, requestsPerUnit, unit, unitMultiplier }: CurrentLimit): object {
  return {
    ...(name !== undefined && { name }),
    requestsPerUnit,
    unit,
    ...(unitMultiplier !== undefined && { unitMultiplier }),
  }
}
