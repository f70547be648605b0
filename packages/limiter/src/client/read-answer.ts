import { errorTable } from '../core/error-table.ts'
import { type ErrorCode, HeadgateError } from '../core/errors.ts'
import { isRecord, isWhole } from '../core/validate.ts'
import type { RawAnswer } from './connection.ts'
import type { RemoteDecision } from './remote-types.ts'
import { ServiceFailure } from './service-failure.ts'

type Fields = Readonly<Record<string, unknown>>

/**
 * The JSON object of an answer. A problem document about the caller's mistake, or about a store that does not answer, is
 * thrown as the error it describes; whatever else is no answer of a service that works is a {@link ServiceFailure}.
 */
export function readAnswer({ status, text }: RawAnswer): Fields {
  if (status >= 300 && status < 400)
    throw new ServiceFailure(`answered ${status}, and redirects are not followed`)
  const body = parse(text)
  const isAnswer = (status >= 200 && status < 300) || (status === 429 && body?.['code'] === undefined)
  if (body !== null && isAnswer) return body
  throw errorOf(status, body)
}

/** The decision that an answer is, or has as one of several. */
export function asDecision(body: unknown): RemoteDecision {
  if (isDecision(body)) return body as unknown as RemoteDecision
  throw new ServiceFailure('answered something else than a decision')
}

function parse(text: string): Fields | null {
  try {
    const body: unknown = JSON.parse(text)
    return isRecord(body) ? (body as Fields) : null
  } catch {
    return null
  }
}

function errorOf(status: number, body: Fields | null): Error {
  const { code, detail, path, retryAfterMs } = body ?? {}
  if (!isKnown(code) || typeof detail !== 'string')
    return new ServiceFailure(`answered ${status} without a decision`)
  if (code === 'internal' || code === 'closed') return new ServiceFailure(`answered ${status}: ${detail}`)
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
