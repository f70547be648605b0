/** Between the messages of `headgate.v1` and what the service takes and answers. */

import type { Attributes, Decision, LimitRequest, RuleView, Who } from 'headgate'
import { problemOf } from 'headgate/http'
import type {
  Decision as DecisionMessage,
  LimitRequest as LimitMessage,
  Problem,
  ReachRequest,
  Rule,
} from '../../../gen/headgate-v1.ts'
import { badRequest, type Failure } from '../../../service/describe-failure.ts'
import type { Service } from '../../../service/service.ts'
import { whenKnown } from '../../../service/when-known.ts'
import { GRPC_POLICY } from '../../../service/wire-policy.ts'
import { askFilled } from '../../http/ask-service.ts'
import { decodeRequest } from '../../http/decode.ts'
import { type FilledRequest, fillRequest } from '../../http/fill-attributes.ts'
import type { RpcCall } from '../rpc-method.ts'

/** Reads a message as the service takes it, with the attributes that sources add. A promise only where a token has to be verified. */
export function readRequest(
  message: LimitMessage | undefined,
  call: RpcCall,
): FilledRequest | Promise<FilledRequest> {
  const { attributes, key, descriptor, cost, policy, limit, burst } = message ?? EMPTY
  const who = whoOf(attributes, key)
  const written = decodeRequest(
    {
      ...who,
      ...(descriptor.length > 0 && { descriptor }),
      ...(cost !== undefined && { cost }),
      ...(policy !== '' && { policy }),
      ...(limit.length > 0 && { limit: (limit.length === 1 ? limit[0] : limit) as never }),
      ...(burst !== undefined && { burst }),
    },
    GRPC_POLICY,
  )
  const filled = fillRequest(written, call.source, call.service.configuration().sources)
  return policy === '' ? whenKnown(filled, ofSomebody) : filled
}

function ofSomebody(filled: FilledRequest): FilledRequest {
  for (const _ in Object(filled.written.who)) return filled
  throw badRequest('say whose request it is: give attributes, or a key', 'attributes', 'invalid-key')
}

const NOBODY: ReachRequest = { attributes: {}, policy: '', descriptor: [] }
const EMPTY: LimitMessage = { attributes: {}, descriptor: [], policy: '', limit: [] }

function whoOf(
  attributes: Readonly<Record<string, string>>,
  key: string | undefined,
): { readonly attributes: Attributes } | { readonly key: string } {
  if (key === undefined) return { attributes }
  if (key === '')
    throw badRequest('the key is empty; leave it out, or say whose budget is meant', 'key', 'invalid-key')
  if (Object.keys(attributes).length === 0) return { key }
  throw badRequest('give attributes, or a key in their place, not both', 'key')
}

/** Asks the service what a message says; errors are about its fields. At once where nothing has to be waited for. */
export function asking<T>(
  message: LimitMessage | undefined,
  call: RpcCall,
  ask: (written: LimitRequest) => T | Promise<T>,
): T | Promise<T> {
  return whenKnown(readRequest(message, call), (filled) => askFilled(filled, ask))
}

/** Whom a change is about, and which policy. */
export function readReach(message: ReachRequest | undefined): {
  readonly who: Who
  readonly policy?: string
} {
  const { attributes, key, policy, descriptor } = message ?? NOBODY
  const given = whoOf(attributes, key)
  const flat = 'key' in given ? { key: given.key } : given.attributes
  const who = descriptor.length === 0 ? flat : { ...flat, descriptor }
  return { who, ...(policy !== '' && { policy }) }
}

/** What is said of a decision beside itself. */
export interface DecisionExtras {
  readonly service: Pick<Service, 'seal'>
  readonly id: string | null | undefined
}

/**
 * A decision as a message; its receipt is a text, which nobody can make but the service. A promise only in the first moments of a
 * service.
 */
export function decisionMessage(
  decision: Decision & { readonly credited?: number },
  { service, id }: DecisionExtras,
): DecisionMessage | Promise<DecisionMessage> {
  const { receipt } = decision
  const sealed = receipt === null ? null : service.seal(receipt)
  return whenKnown(sealed, (text) => messageOf(decision, text, id))
}

function messageOf(
  decision: Decision & { readonly credited?: number },
  receipt: string | null,
  id: string | null | undefined,
): DecisionMessage {
  const { rules, shadow, policy, rule, limit, remaining, retryAfterMs, resetAfterMs } = decision
  return {
    allowed: decision.allowed,
    reason: decision.reason,
    source: decision.source,
    policy: policy ?? undefined,
    rule: rule ?? undefined,
    limit: limit ?? undefined,
    remaining: remaining ?? undefined,
    cost: decision.cost,
    retryAfterMs: retryAfterMs ?? undefined,
    resetAfterMs: resetAfterMs ?? undefined,
    rules: rules.map(ruleMessage),
    shadow: shadow.map(({ allowed, ...view }) => ({ rule: ruleMessage(view), allowed })),
    receipt: receipt ?? undefined,
    id: id ?? undefined,
    credited: decision.credited,
  }
}

export function ruleMessage({
  policy,
  rule,
  limit,
  rate,
  remaining,
  retryAfterMs,
  resetAfterMs,
}: RuleView): Rule {
  return {
    policy,
    rule,
    limit,
    rateLimit: rate.limit,
    rateWindowMs: rate.windowMs,
    remaining,
    retryAfterMs: retryAfterMs ?? undefined,
    resetAfterMs,
  }
}

/** A mistake in the place of a decision. */
export function problemMessage(failure: Failure): Problem {
  const { detail, code } = problemOf(failure)
  return {
    code: String(code),
    detail,
    path: failure.path,
    retryAfterSeconds: failure.retryAfterSeconds ?? undefined,
  }
}

/** Stands where a request of several has none. */
export function decisionOfProblem(problem: Problem): DecisionMessage {
  return { allowed: false, reason: '', source: '', cost: 0, rules: [], shadow: [], problem }
}
