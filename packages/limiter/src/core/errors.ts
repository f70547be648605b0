/** The closed set of error codes; match on these, not on messages. */
export type ErrorCode =
  | 'invalid-cost'
  | 'invalid-key'
  | 'invalid-rule'
  | 'invalid-options'
  | 'invalid-config'
  | 'invalid-receipt'
  | 'invalid-snapshot'
  | 'invalid-request'
  | 'unauthenticated'
  | 'forbidden'
  | 'unknown-policy'
  | 'conflict'
  | 'limited'
  | 'too-many-windows'
  | 'too-many-waiters'
  | 'not-synchronous'
  | 'store-unavailable'
  | 'source-unavailable'
  | 'closed'
  | 'internal'

const brand: symbol = Symbol.for('headgate.error')

/** Optional fields of an error. */
export interface HeadgateErrorOptions {
  readonly cause?: unknown
  readonly path?: string
  readonly retryAfterMs?: number
}

/**
 * The only error class of Headgate: for wrong usage, and for a store that cannot answer. Denials are values; only a call that has
 * nothing else to answer with, as behind `withRateLimit`, fails with `limited`. The message names the field, the value and the
 * fix; `cause` is the original error, where there is one.
 */
export class HeadgateError extends Error {
  override readonly name = 'HeadgateError'
  readonly code: ErrorCode
  /** The message without the path in front. */
  readonly detail: string
  /** Path of the wrong value, such as `policies[0].rules[1].limit`; empty where it has none. */
  readonly path: string
  /** After how many whole milliseconds the same call may succeed; null where that is unknown, or no wait helps. */
  readonly retryAfterMs: number | null

  constructor(code: ErrorCode, message: string, options: HeadgateErrorOptions = {}) {
    const { path = '', retryAfterMs = null } = options
    super(path === '' ? message : `${path}: ${message}`, options)
    this.code = code
    this.detail = message
    this.path = path
    this.retryAfterMs = retryAfterMs
    Object.defineProperty(this, brand, { value: true })
  }

  /** Whether a value is a HeadgateError, also one of another copy of this package, where `instanceof` fails. */
  static is(value: unknown): value is HeadgateError {
    return typeof value === 'object' && value !== null && brand in value
  }

  /** Turns any thrown value into a HeadgateError: one that already is passes unchanged, any other becomes the `cause`. */
  static from(reason: unknown, code: ErrorCode = 'internal'): HeadgateError {
    if (HeadgateError.is(reason)) return reason
    const message =
      reason instanceof Error ? reason.message : typeof reason === 'string' ? reason : show(reason)
    return new HeadgateError(code, message, { cause: reason })
  }
}

/** An error for the option at `path`; the message has to name the value and the fix. */
export function invalid(
  path: string,
  message: string,
  code: 'invalid-options' | 'invalid-rule' = 'invalid-options',
): HeadgateError {
  return new HeadgateError(code, message, { path })
}

/** An error for a value at `path`; the message is the value, as {@link show} prints it, then the problem and the fix. */
export const wrong: WrongValue = wrongAs('invalid-options')

/** As {@link wrong}, for a rule. */
export const wrongRule: WrongValue = wrongAs('invalid-rule')

/** As {@link wrong}, for a key. */
export const wrongKey: WrongValue = wrongAs('invalid-key')

/** As {@link wrong}, for a cost. */
export const wrongCost: WrongValue = wrongAs('invalid-cost')

type WrongValue = (value: unknown, problem: string, path?: string) => HeadgateError

function wrongAs(code: ErrorCode): WrongValue {
  return (value, problem, path = '') => new HeadgateError(code, `${show(value)} ${problem}`, { path })
}

/** A value for an error message: texts are quoted and cut at 60 characters, objects only named as such. */
export function show(value: unknown): string {
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value === 'string') return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value)
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'an array' : 'an object'
  return String(value).slice(0, 60)
}
