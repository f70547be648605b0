/** `headgate.v1.RateLimiter`: the verbs of the service. */

import type { Decision, LimitRequest } from 'headgate'
import type { Verb } from 'headgate/store'
import { type LimitRequest as LimitMessage, RateLimiter, type Reservation } from '../../../gen/headgate-v1.ts'
import { durationMs } from '../../../service/bounded-duration.ts'
import type { Decided } from '../../../service/create-decide.ts'
import { badRequest } from '../../../service/describe-failure.ts'
import type { Reserved } from '../../../service/reservations.ts'
import { whenKnown } from '../../../service/when-known.ts'
import { rethrowAtField } from '../../http/rethrow-at-field.ts'
import { type RpcCall, type RpcMethod, unary } from '../rpc-method.ts'
import { timeToAnswer } from '../time-to-answer.ts'
import { asking, decisionMessage, readReach } from './limit-messages.ts'

const TTL_MAX_MS = 86_400_000
const TIMEOUT_MAX_MS = 60_000

export const RATE_LIMITER_METHODS: readonly RpcMethod[] = [
  unary(RateLimiter.Consume, deciding('consume')),
  unary(RateLimiter.Peek, deciding('peek')),
  unary(RateLimiter.Charge, deciding('charge')),
  unary(RateLimiter.Credit, deciding('credit')),
  unary(RateLimiter.Reserve, async ({ request, ttl }, call) => {
    const { service, transport, deadlineMs } = call
    const ttlMs = durationMs((ttl === '' ? '5m' : ttl) as '5m', 'ttl', TTL_MAX_MS)
    const options = { transport, ttl: ttlMs, ...timeToAnswer(deadlineMs) }
    const reserved = await asking(request, call, (written) => service.reserve(written, options))
    return reservationMessage(reserved, call)
  }),
  unary(RateLimiter.Extend, async ({ reservation, more }, call) => {
    const { service, transport } = call
    const extended = await service.extend(reservation, more, { transport }).catch(rethrowAtField)
    return reservationMessage(extended, call)
  }),
  unary(RateLimiter.Settle, ({ reservation, actual }, call) => settle(reservation, actual, call)),
  unary(RateLimiter.Cancel, ({ reservation }, call) => settle(reservation, 0, call)),
  unary(RateLimiter.Refund, async ({ receipt, cost }, { service }) => ({
    refunded: await service.refund(receipt, cost === undefined ? {} : { cost }).catch(rethrowAtField),
  })),
  unary(RateLimiter.Wait, async ({ request, timeout }, call) => {
    const { service, transport, deadlineMs, signal } = call
    const asked = durationMs((timeout === '' ? '30s' : timeout) as '30s', 'timeout', TIMEOUT_MAX_MS)
    const { deadlineMs: latest = TIMEOUT_MAX_MS } = timeToAnswer(deadlineMs)
    const options = { transport, timeoutMs: Math.min(asked, latest), signal: signal() }
    const { decisions, ids } = await asking(request, call, (written) => service.wait(written, options))
    return decisionMessage(decisions[0] as Decision, { service, id: ids[0] })
  }),
  unary(RateLimiter.Reset, async (message, { service, transport }) => {
    const { who, ...policy } = readReach(message)
    return { policies: await service.reset(who, { ...policy, transport }).catch(rethrowAtField) }
  }),
  unary(RateLimiter.Block, async ({ reach, duration }, { service, transport }) => {
    if (duration === '') throw badRequest('say for how long, as in 10m', 'duration')
    const { who, ...policy } = readReach(reach)
    const policies = await service
      .block(who, duration as '10m', { ...policy, transport })
      .catch(rethrowAtField)
    return { policies }
  }),
  unary(RateLimiter.Unblock, async (message, { service, transport }) => {
    const { who, ...policy } = readReach(message)
    return { policies: await service.unblock(who, { ...policy, transport }).catch(rethrowAtField) }
  }),
  unary(RateLimiter.Explain, async (message, call) => {
    const { service, deadlineMs } = call
    const explained = await asking(message, call, ({ who, ...options }) =>
      service.explain(who, { ...options, ...timeToAnswer(deadlineMs) }),
    )
    return { json: JSON.stringify(explained) }
  }),
  unary(RateLimiter.GetPolicies, (_, { service }) => ({ json: JSON.stringify(service.policies()) })),
]

/** At once where nothing has to be waited for: most decisions are, and a promise costs a part of them. */
function deciding(verb: Verb) {
  return (message: LimitMessage, call: RpcCall) => {
    const { service } = call
    const decided = asking(message, call, (written) => decide(written, verb, call))
    return whenKnown(decided, ({ decisions, ids }) =>
      decisionMessage(decisions[0] as Decision, { service, id: ids[0] }),
    )
  }
}

function decide(
  written: LimitRequest,
  verb: Verb,
  { service, transport, deadlineMs }: RpcCall,
): Decided | Promise<Decided> {
  const atOnce = verb === 'consume' ? service.decideAtOnce(written, { transport }) : null
  return atOnce ?? service.decide([written], { transport, verb, ...timeToAnswer(deadlineMs) })
}

async function settle(
  reservation: string,
  cost: number,
  { service }: RpcCall,
): Promise<{ readonly settled: boolean; readonly actual?: number | undefined }> {
  const { settled, actual } = await service.settle(reservation, cost).catch(rethrowAtField)
  return { settled, actual: actual ?? undefined }
}

async function reservationMessage(
  { decision, id, reservation, held }: Reserved,
  { service }: RpcCall,
): Promise<Reservation> {
  return {
    decision: await decisionMessage(decision, { service, id }),
    reservation: reservation ?? undefined,
    held,
  }
}
