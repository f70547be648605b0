/** `envoy.service.ratelimit.v3.RateLimitService`: Envoy's rate limit protocol. */

import {
  RateLimitResponseCode as CODE,
  type RateLimitRequest as RateLimitMessage,
  RateLimitService,
  type RateLimitResponse as ResponseMessage,
  type RateLimitResponseDescriptorStatus as StatusMessage,
  RateLimitResponseRateLimitUnit as UNIT,
} from '../../../gen/envoy-service-ratelimit-v3.ts'
import { RateLimitUnit } from '../../../gen/envoy-type-v3.ts'
import { badRequest } from '../../../service/describe-failure.ts'
import type {
  DescriptorStatus,
  RateLimitDescriptor,
  RateLimitOverride,
  RateLimitRequest,
  RateLimitResponse,
} from '../../../service/envoy/messages.ts'
import { shouldRateLimit } from '../../../service/envoy/should-rate-limit.ts'
import { whenKnown } from '../../../service/when-known.ts'
import { type RpcMethod, unary } from '../rpc-method.ts'
import { timeToAnswer } from '../time-to-answer.ts'
import { structOf } from './struct.ts'

export const RATE_LIMIT_SERVICE_METHODS: readonly RpcMethod[] = [
  unary(
    RateLimitService.ShouldRateLimit,
    (message, { service, transport, deadlineMs }) => {
      const options = { transport, ...timeToAnswer(deadlineMs) }
      const answered = shouldRateLimit(service, requestOf(message), options)
      return whenKnown(answered, ({ response }) => responseMessage(response))
    },
    // Envoy finds the instances by itself.
    { keepsConnection: true },
  ),
]

function requestOf({ domain, descriptors, hitsAddend }: RateLimitMessage): RateLimitRequest {
  return { domain, hitsAddend, descriptors: descriptors.map(descriptorOf) }
}

function descriptorOf(
  { entries, limit, hitsAddend, isNegativeHits }: RateLimitMessage['descriptors'][number],
  i: number,
): RateLimitDescriptor {
  return {
    entries,
    isNegativeHits,
    ...(hitsAddend !== undefined && { hitsAddend: hitsAddend.value }),
    ...(limit !== undefined && { limit: overrideOf(limit, `descriptors[${i}].limit.unit`) }),
  }
}

type OverrideMessage = NonNullable<RateLimitMessage['descriptors'][number]['limit']>

function overrideOf(
  { requestsPerUnit, unit, unitMultiplier }: OverrideMessage,
  path: string,
): RateLimitOverride {
  const name = Object.entries(RateLimitUnit).find(([, number]) => number === unit)?.[0]
  if (name === undefined || name === 'UNKNOWN') {
    throw badRequest('the unit of a limit is unknown; give SECOND, MINUTE, HOUR, DAY, MONTH or YEAR', path)
  }
  return {
    requestsPerUnit,
    unit: name as RateLimitOverride['unit'],
    ...(unitMultiplier !== undefined && { unitMultiplier: unitMultiplier.value }),
  }
}

function responseMessage({
  overallCode,
  statuses,
  responseHeadersToAdd,
  dynamicMetadata,
}: RateLimitResponse): ResponseMessage {
  return {
    overallCode: CODE[overallCode],
    statuses: statuses.map(statusMessage),
    responseHeadersToAdd,
    requestHeadersToAdd: [],
    rawBody: NO_BODY,
    ...(dynamicMetadata && { dynamicMetadata: structOf(dynamicMetadata) }),
  }
}

const NO_BODY = new Uint8Array(0)

function statusMessage({
  code,
  currentLimit,
  limitRemaining,
  secondsUntilReset,
}: DescriptorStatus): StatusMessage {
  return {
    code: CODE[code],
    limitRemaining,
    ...(secondsUntilReset !== undefined && { durationUntilReset: { seconds: secondsUntilReset, nanos: 0 } }),
    ...(currentLimit && {
      currentLimit: {
        requestsPerUnit: currentLimit.requestsPerUnit,
        unit: UNIT[currentLimit.unit],
        name: currentLimit.name ?? '',
        ...(currentLimit.unitMultiplier !== undefined && {
          unitMultiplier: { value: currentLimit.unitMultiplier },
        }),
      },
    }),
  }
}
