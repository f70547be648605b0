/** The closed set of error codes; match on these, not on messages. */
export type ErrorCode =
  | 'invalid-cost'
  | 'invalid-key'
  | 'invalid-rule'
  | 'invalid-options'
  | 'invalid-config'
  | 'invalid-receipt'
  | 'invalid-request'
  | 'unknown-policy'
  | 'too-many-windows'
  | 'not-synchronous'
  | 'store-unavailable'
  | 'closed'
  | 'internal'

const brand: symbol = Symbol.for('headgate.error')

/** What an error may carry beside its code and message. */
export interface HeadgateErrorOptions {
  readonly cause?: unknown
  readonly path?: string
  readonly retryAfterMs?: number
}

/**
 * The one error class. Denials are never errors: this is thrown for wrong usage, and for a store that cannot answer.
 * The message names the field, the value and the fix; `cause` is always the original error.
 */
export class HeadgateError extends Error {
  override readonly name = 'HeadgateError'
  readonly code: ErrorCode
  /** The message without the path it begins with. */
  readonly detail: string
  /** Where the wrong value stands, as in `policies[0].rules[1].limit`; empty when there is no such place. */
  readonly path: string
  /** When the same call may succeed, in whole milliseconds; null where time alone changes nothing, or nobody knows. */
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

  /** Whether `value` is a HeadgateError of any copy of this package. */
  static is(value: unknown): value is HeadgateError {
    return typeof value === 'object' && value !== null && brand in value
  }

  /** Turns any thrown value into a HeadgateError; one of ours passes unchanged, anything else gets `code`. */
  static from(reason: unknown, code: ErrorCode = 'internal'): HeadgateError {
    if (HeadgateError.is(reason)) return reason
    const message =
      reason instanceof Error ? reason.message : typeof reason === 'string' ? reason : show(reason)
    return new HeadgateError(code, message, { cause: reason })
  }
}

/** The error of a wrong option at `path`; the message names the value and the fix. */
export function invalid(
  path: string,
  message: string,
  code: 'invalid-options' | 'invalid-rule' = 'invalid-options',
): HeadgateError {
  return new HeadgateError(code, message, { path })
}

/** The error of a wrong value at `path`: its picture, then what is wrong and the fix. */
export function wrong(
  value: unknown,
  problem: string,
  path = '',
  code: ErrorCode = 'invalid-options',
): HeadgateError {
  return new HeadgateError(code, `${show(value)} ${problem}`, { path })
}

/** A short, safe picture of a wrong value for an error message: quoted, cut at 60 characters, never a stack. */
export function show(value: unknown): string {
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value === 'string') return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value)
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'an array' : 'an object'
  return String(value).slice(0, 60)
}
