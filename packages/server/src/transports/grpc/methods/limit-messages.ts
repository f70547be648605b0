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
import { explainedBy } from '../../../service/identity/explained-by.ts'
import type { Service } from '../../../service/service.ts'
import { GRPC_POLICY } from '../../../service/wire-policy.ts'
import { decodeRequest } from '../../http/decode.ts'
import { type FilledRequest, fillRequest } from '../../http/fill-attributes.ts'
import { rethrowAtField } from '../../http/rethrow-at-field.ts'
import type { RpcCall } from '../rpc-method.ts'

/** Reads a message as the service takes it, with the attributes that sources add. */
export async function readRequest(message: LimitMessage | undefined, call: RpcCall): Promise<FilledRequest> {
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
  const filled = await fillRequest(written, call.source, call.service.configuration().sources)
  const isOfNobody = Object.keys(filled.written.who).length === 0
  if (isOfNobody && policy === '') {
    throw badRequest('say whose request it is: give attributes, or a key', 'attributes', 'invalid-key')
  }
  return filled
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

/** Asks the service what a message says; errors are about its fields. */
export async function asking<T>(
  message: LimitMessage | undefined,
  call: RpcCall,
  ask: (written: LimitRequest) => Promise<T>,
): Promise<T> {
  const { written, token } = await readRequest(message, call)
  return ask(written).catch((reason: unknown) => rethrowAtField(explainedBy(token, reason)))
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

/** A decision as a message; its receipt is a text, which nobody can make but the service. */
export async function decisionMessage(
  decision: Decision & { readonly credited?: number },
  { service, id }: DecisionExtras,
): Promise<DecisionMessage> {
  const { receipt, rules, shadow, policy, rule, limit, remaining, retryAfterMs, resetAfterMs } = decision
  const sealed = receipt === null ? null : await service.seal(receipt)
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
    receipt: sealed ?? undefined,
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
