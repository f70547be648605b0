import type { Attributes } from '@opentelemetry/api'
import type { DecisionMade } from '../../service/events.ts'

/** What a span says of a decision. Never whom it is about; names of rules that came with a call are of the caller, and left out. */
export function spanAttributes(
  { decision, verb, transport, cost }: DecisionMade,
  isOfConfiguration: boolean,
): Attributes {
  const { allowed, reason, source, policy, rule, limit, remaining, retryAfterMs } = decision
  return {
    'ratelimit.verb': verb,
    'ratelimit.outcome': allowed ? 'allowed' : 'denied',
    'ratelimit.reason': reason,
    'ratelimit.source': source,
    'ratelimit.transport': transport,
    'ratelimit.cost': cost,
    ...(policy !== null && { 'ratelimit.policy': policy }),
    ...(rule !== null && isOfConfiguration && { 'ratelimit.rule': rule }),
    ...(limit !== null && { 'ratelimit.limit': limit }),
    ...(remaining !== null && { 'ratelimit.remaining': remaining }),
    ...(!allowed && retryAfterMs !== null && { 'ratelimit.retry_after_ms': retryAfterMs }),
  }
}
