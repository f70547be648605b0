/** `guardian.RateLimiter`, for clients of Guardian; docs/guide/migration/from-guardian.md lists what differs. */

import type { Decision, RuleOptions, RuleView } from 'headgate'
import { retryAfterSeconds } from 'headgate/http'
import {
  Algorithm,
  type CheckLimitRequest,
  type LimitConfig,
  RateLimiter,
  LimitStatusStatus as STATUS,
} from '../../../../gen/guardian.ts'
import { badRequest } from '../../../../service/describe-failure.ts'
import { GRPC_POLICY } from '../../../../service/wire-policy.ts'
import { readToken } from '../../read-token.ts'
import { type RpcCall, type RpcMethod, unary, watch } from '../../rpc-method.ts'
import { RpcError } from '../../rpc-status.ts'
import { everySecond } from '../every-second.ts'
import { consuming, type ForeignRequest, nowSeconds, standing, whoOf } from './foreign-request.ts'

/** The domain of all clients of Guardian. */
const DOMAIN = 'guardian'
const UINT32_MAX = 2 ** 32 - 1
/** At this share of the capacity a client is told to slow down. */
const THROTTLED_AT = 0.2

export const GUARDIAN_METHODS: readonly RpcMethod[] = [
  unary(RateLimiter.CheckLimit, checkLimit),
  unary(RateLimiter.GetUsage, async ({ clientId }, call) => {
    const { limit, remaining, rate } = await bindingRule(clientId, call)
    return {
      usedTokens: limit - remaining,
      totalCapacity: limit,
      refillRate: Math.floor((rate.limit * 1000) / rate.windowMs),
      lastRefillTimestamp: nowSeconds(),
    }
  }),
  unary(RateLimiter.ResetLimit, resetLimit, { isOpen: true }),
  watch(RateLimiter.StreamLimitStatus, async function* ({ clientId }, call) {
    for await (const _tick of everySecond(call.signal())) {
      const view = await bindingRule(clientId, { ...call, deadlineMs: undefined })
      yield {
        clientId,
        remainingTokens: view.remaining,
        timestamp: nowSeconds(),
        status: statusOf(view),
      }
    }
  }),
]

async function checkLimit({ clientId, cost, overrideConfig }: CheckLimitRequest, call: RpcCall) {
  const startedMs = performance.now()
  const more = overrideConfig === undefined ? {} : { rule: ruleOf(overrideConfig), policy: GRPC_POLICY }
  const decision = await consuming({ ...requestOf(clientId), cost: cost === 0 ? 1 : cost }, call, more)
  return {
    allowed: decision.allowed,
    // Nobody can be told that no wait helps: the longest there is says it best.
    retryAfterSeconds: Math.min(UINT32_MAX, retryAfterSeconds(decision) ?? UINT32_MAX),
    remainingTokens: decision.remaining ?? 0,
    metadata: metadataOf(decision, performance.now() - startedMs),
  }
}

function metadataOf({ source }: Decision, tookMs: number) {
  return {
    nodeId: '',
    fromCache: source === 'lease' || source === 'deny-cache',
    latencyUs: Math.round(tookMs * 1000),
    isGlobal: source === 'store' || source === 'lease' || source === 'deny-cache',
  }
}

/** Its caller is who has the token of the message, or else that of the call: the method is open for that reason alone. */
async function resetLimit(
  { clientId, adminToken }: { readonly clientId: string; readonly adminToken?: string | undefined },
  call: RpcCall,
) {
  const service = call.service.callerOf(adminToken ?? readToken(call.source))
  const request = requestOf(clientId)
  const { policies } = await standing(request, { ...call, service })
  const names = policies
    .filter(({ outcome }) => outcome === 'applies' || outcome === 'in-shadow')
    .map(({ policy }) => policy)
  if (names.length === 0) throw noLimit()
  const who = await whoOf(request, call)
  for (const policy of names) await service.reset(who, { policy, transport: call.transport })
  return { success: true, message: `reset: ${names.join(', ')}` }
}

/** The rule that has least left; spends nothing. */
async function bindingRule(clientId: string, call: RpcCall): Promise<RuleView> {
  const { decision } = await standing(requestOf(clientId), call)
  const [first, ...others] = decision.rules
  if (first === undefined) throw noLimit()
  return others.reduce((least, view) => (view.remaining < least.remaining ? view : least), first)
}

function requestOf(clientId: string): ForeignRequest {
  if (clientId === '') throw badRequest('it names nobody; give the client whose budget it is', 'client_id')
  return { attributes: { domain: DOMAIN, key: clientId } }
}

function noLimit(): RpcError {
  return new RpcError(
    'NOT_FOUND',
    `no policy limits this client; give one the match { domain: ${DOMAIN} } and the key "key"`,
  )
}

function statusOf({ remaining, limit }: RuleView): number {
  if (remaining === 0) return STATUS.EXHAUSTED
  return remaining <= limit * THROTTLED_AT ? STATUS.THROTTLED : STATUS.HEALTHY
}

/** The algorithms by which a window holds the capacity; a bucket refills meanwhile. */
const WINDOWS: ReadonlyMap<number, string> = new Map([
  [Algorithm.SLIDING_WINDOW_LOG, 'sliding-log'],
  [Algorithm.FIXED_WINDOW, 'fixed-window'],
  [Algorithm.SLIDING_WINDOW_COUNTER, 'sliding-window'],
])

/** The rule that a call brings along. */
function ruleOf({ capacity, refillRate, refillIntervalSeconds, algorithm }: LimitConfig): RuleOptions {
  const window = `${refillIntervalSeconds || 1}s` as const
  if (capacity === 0) throw badRequest('a capacity is 1 or more', 'override_config.capacity')
  const name = WINDOWS.get(algorithm)
  if (name !== undefined) return { algorithm: name, limit: { limit: capacity, window } }
  if (algorithm !== Algorithm.TOKEN_BUCKET && algorithm !== Algorithm.ALGORITHM_UNSPECIFIED) {
    throw badRequest(`${algorithm} is no algorithm; give 0 to 4`, 'override_config.algorithm')
  }
  if (refillRate === 0) throw badRequest('a rate is 1 or more', 'override_config.refill_rate')
  return { algorithm: 'token-bucket', limit: { limit: refillRate, window }, burst: capacity }
}
