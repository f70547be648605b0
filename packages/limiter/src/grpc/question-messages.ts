import type { Fields } from '../client/connection.ts'
import {
  type BatchItem,
  type Decision,
  type LimitRequest,
  RateLimiter,
  type ReachRequest,
  type Rule,
} from '../gen/headgate-v1.ts'
import type { MessageType } from '../gen/message.ts'

/** How a question of the HTTP API is asked over gRPC. */
export interface Spoken {
  /** `/headgate.v1.RateLimiter/Consume`. */
  readonly path: string
  encode(body: Fields): Buffer
  /** The answer as the HTTP API has it. */
  decode(bytes: Uint8Array): Fields
}

/** Questions by their path in the HTTP API. */
export const SPOKEN: Readonly<Record<string, Spoken>> = {
  '/v1/consume': spoken(RateLimiter.Consume, limitRequest, decisionFields),
  '/v1/peek': spoken(RateLimiter.Peek, limitRequest, decisionFields),
  '/v1/charge': spoken(RateLimiter.Charge, limitRequest, decisionFields),
  '/v1/credit': spoken(RateLimiter.Credit, limitRequest, decisionFields),
  '/v1/batch': spoken(
    RateLimiter.ConsumeMany,
    ({ requests, together }) => ({
      requests: (requests as readonly Fields[]).map(batchItem),
      together: together === true,
    }),
    ({ allowed, retryAfterMs, decisions }) => ({
      allowed,
      retryAfterMs: retryAfterMs ?? null,
      decisions: decisions.map(decisionFields),
    }),
  ),
  '/v1/reserve': spoken(
    RateLimiter.Reserve,
    (body) => ({ request: limitRequest(body), ttl: durationText(body['ttl']) }),
    reservationFields,
  ),
  '/v1/extend': spoken(
    RateLimiter.Extend,
    ({ reservation, more }) => ({ reservation: String(reservation), more: Number(more) }),
    reservationFields,
  ),
  '/v1/settle': spoken(
    RateLimiter.Settle,
    ({ reservation, actual }) => ({ reservation: String(reservation), actual: Number(actual) }),
    ({ settled, actual }) => ({ settled, actual: actual ?? null }),
  ),
  '/v1/refund': spoken(
    RateLimiter.Refund,
    ({ receipt, cost }) => ({ receipt: String(receipt), cost: cost as number | undefined }),
    ({ refunded }) => ({ refunded }),
  ),
  '/v1/wait': spoken(
    RateLimiter.Wait,
    (body) => ({ request: limitRequest(body), timeout: durationText(body['timeout']) }),
    decisionFields,
  ),
  '/v1/reset': spoken(RateLimiter.Reset, reachRequest, ({ policies }) => ({ policies })),
  '/v1/block': spoken(
    RateLimiter.Block,
    (body) => ({ reach: reachRequest(body), duration: durationText(body['duration']) }),
    ({ policies }) => ({ policies }),
  ),
  '/v1/unblock': spoken(RateLimiter.Unblock, reachRequest, ({ policies }) => ({ policies })),
  '/v1/explain': spoken(RateLimiter.Explain, limitRequest, ({ json }) => JSON.parse(json)),
  '/v1/policies': spoken(
    RateLimiter.GetPolicies,
    () => ({}),
    ({ json }) => JSON.parse(json),
  ),
}

interface Method<Q, S> {
  readonly path: string
  readonly request: MessageType<Q>
  readonly response: MessageType<S>
}

function spoken<Q, S>(
  { path, request, response }: Method<Q, S>,
  messageOf: (body: Fields) => Q,
  fieldsOf: (message: S) => Fields,
): Spoken {
  return {
    path,
    encode: (body) => request.encode(messageOf(body)),
    decode: (bytes) => fieldsOf(response.decode(bytes)),
  }
}

function limitRequest(body: Fields): LimitRequest {
  const { cost, burst, limit } = body
  return {
    ...reachRequest(body),
    limit: limit === undefined ? [] : [limit].flat().map(rateText),
    cost: cost as number | undefined,
    burst: burst as number | undefined,
  }
}

/** Whom a body is about, and which policy. */
function reachRequest({ attributes = {}, key, descriptor = [], policy = '' }: Fields): ReachRequest {
  const texts = Object.entries(attributes as object).map(([name, value]) => [name, String(value)])
  return {
    attributes: Object.fromEntries(texts),
    key: key === undefined ? undefined : String(key),
    descriptor: descriptor as ReachRequest['descriptor'],
    policy: policy as string,
  }
}

function batchItem({ verb = '', anyOf, ...request }: Fields): BatchItem {
  return { request: limitRequest(request), verb: verb as string, anyOf: anyOf as string | undefined }
}

function rateText(rate: unknown): string {
  if (typeof rate === 'string') return rate
  const { limit, window } = rate as Fields
  return `${limit}/${durationText(window)}`
}

/** Empty where none is given. */
function durationText(duration: unknown): string {
  return typeof duration === 'number' ? `${duration}ms` : ((duration as string | undefined) ?? '')
}

function reservationFields({
  decision,
  reservation,
  held,
}: {
  readonly decision?: Decision | undefined
  readonly reservation?: string | undefined
  readonly held: number
}): Fields {
  return { ...(decision && decisionFields(decision)), reservation: reservation ?? null, held }
}

function decisionFields(message: Decision): Fields {
  const { policy, rule, limit, remaining, retryAfterMs, resetAfterMs, receipt, id, credited } = message
  return {
    allowed: message.allowed,
    reason: message.reason,
    source: message.source,
    policy: policy ?? null,
    rule: rule ?? null,
    limit: limit ?? null,
    remaining: remaining ?? null,
    cost: message.cost,
    retryAfterMs: retryAfterMs ?? null,
    resetAfterMs: resetAfterMs ?? null,
    rules: message.rules.map(ruleFields),
    shadow: message.shadow.map(({ rule: view, allowed }) => ({ ...(view && ruleFields(view)), allowed })),
    receipt: receipt ?? null,
    ...(id !== undefined && { id }),
    ...(credited !== undefined && { credited }),
  }
}

function ruleFields({ rateLimit, rateWindowMs, retryAfterMs, ...view }: Rule): Fields {
  return { ...view, rate: { limit: rateLimit, windowMs: rateWindowMs }, retryAfterMs: retryAfterMs ?? null }
}
