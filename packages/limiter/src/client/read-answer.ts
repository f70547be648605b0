import { errorTable } from '../core/error-table.ts'
import { type ErrorCode, HeadgateError } from '../core/errors.ts'
import type { Explanation } from '../core/explanation.ts'
import type { Settled } from '../core/reservation-handle.ts'
import { isRecord, isWhole } from '../core/validate.ts'
import type { Fields, RawAnswer } from './connection.ts'
import type { RemoteDecision } from './remote-types.ts'
import { ServiceFailure } from './service-failure.ts'

/**
 * The JSON object of an answer. A problem document about the caller's mistake, or about a store that does not answer, is
 * thrown as the error it describes; whatever else is no answer of a service that works is a {@link ServiceFailure}.
 */
export function readAnswer({ status, body, retryAfter }: RawAnswer): Fields {
  if (status >= 300 && status < 400)
    throw new ServiceFailure(`answered ${status}, and redirects are not followed`)
  const isAnswer = (status >= 200 && status < 300) || (status === 429 && body?.['code'] === undefined)
  if (body !== null && isAnswer) return body
  if (body?.['code'] === 'closed') throw stops(body, retryAfter)
  throw errorOf(status, body)
}

/** The names of policies that were reached. */
export function asPolicyNames({ policies }: Fields): string[] {
  const isNames = Array.isArray(policies) && policies.every((name) => typeof name === 'string')
  if (isNames) return policies as string[]
  throw new ServiceFailure('answered something else than names of policies')
}

/** The policies in force. */
export function asPolicies({ policies }: Fields): readonly object[] {
  if (Array.isArray(policies) && policies.every(isRecord)) return policies
  throw new ServiceFailure('answered something else than policies')
}

/** The units that a refund gave back. */
export function asRefunded({ refunded }: Fields): number {
  if (isWhole(refunded, 0)) return refunded
  throw new ServiceFailure('answered something else than units given back')
}

/** How a reservation is settled. */
export function asSettled({ settled, actual }: Fields): Settled {
  if (typeof settled === 'boolean' && (actual === null || isWhole(actual, 0))) return { settled, actual }
  throw new ServiceFailure('answered something else than a settlement')
}

/** An explanation, told by its parts. */
export function asExplanation(answer: Fields): Explanation {
  const { decision, policies } = answer
  if (isRecord(decision) && Array.isArray(policies)) return answer as unknown as Explanation
  throw new ServiceFailure('answered something else than an explanation')
}

/** The decision that an answer is, or has as one of several. */
export function asDecision(body: unknown): RemoteDecision {
  if (isDecision(body)) return body as unknown as RemoteDecision
  throw new ServiceFailure('answered something else than a decision')
}

/** Whoever waits there has spent nothing. */
function stops({ detail }: Fields, retryAfter = '1'): ServiceFailure {
  const seconds = /^\d{1,3}$/.test(retryAfter) ? Number(retryAfter) : 1
  return new ServiceFailure(`stops: ${String(detail)}`, { kind: 'stops', retryAfterMs: seconds * 1000 })
}

function errorOf(status: number, body: Fields | null): Error {
  const { code, detail, path, retryAfterMs } = body ?? {}
  if (!isKnown(code) || typeof detail !== 'string')
    return new ServiceFailure(`answered ${status} without a decision`)
  if (code === 'internal') return new ServiceFailure(`answered ${status}: ${detail}`)
  return new HeadgateError(code, detail, {
    ...(typeof path === 'string' && { path }),
    ...(isWhole(retryAfterMs, 0) && { retryAfterMs }),
  })
}

function isKnown(code: unknown): code is ErrorCode {
  return typeof code === 'string' && Object.hasOwn(errorTable, code)
}

function isDecision(body: unknown): boolean {
  if (!isRecord(body)) return false
  const { allowed, reason, source, cost, rules, retryAfterMs, receipt } = body as Fields
  const isText = typeof reason === 'string' && typeof source === 'string'
  const hasWait = retryAfterMs === null || isWhole(retryAfterMs, 0)
  const hasReceipt = receipt === null || typeof receipt === 'string'
  return (
    typeof allowed === 'boolean' &&
    isText &&
    isWhole(cost, 0) &&
    Array.isArray(rules) &&
    hasWait &&
    hasReceipt
  )
}
