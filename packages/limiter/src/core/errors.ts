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
  | 'not-synchronous'
  | 'store-unavailable'
  | 'closed'
  | 'internal'

/** What every transport needs to know of one error code. */
export interface ErrorMeaning {
  /** One sentence for a person. */
  readonly meaning: string
  /** Whether the same call may succeed later, unchanged. */
  readonly retryable: boolean
  /** HTTP status of the problem document. */
  readonly http: number
  /** gRPC status name. */
  readonly grpc: string
  /** First word of the error reply of the Redis protocol. */
  readonly resp: string
}

const usage = { retryable: false, http: 400, grpc: 'INVALID_ARGUMENT', resp: 'ERR' } as const

/** The one table of errors: code → meaning, retryable, HTTP, gRPC, RESP. Transports read it; they never decide. */
export const errorTable: Readonly<Record<ErrorCode, ErrorMeaning>> = {
  'invalid-cost': { meaning: 'A cost is not a safe integer of 0 or more.', ...usage },
  'invalid-key': { meaning: 'A key or attribute is missing, empty or of the wrong type.', ...usage },
  'invalid-rule': { meaning: 'A rule cannot be compiled to exact integers.', ...usage },
  'invalid-options': { meaning: 'An option has a wrong name, type or value.', ...usage },
  'invalid-config': { meaning: 'A configuration file does not parse or validate.', ...usage },
  'invalid-receipt': { meaning: 'A receipt was not issued by this system or was altered.', ...usage },
  'invalid-request': { meaning: 'A request is malformed.', ...usage },
  'unknown-policy': {
    meaning: 'No policy of that name is configured.',
    retryable: false,
    http: 404,
    grpc: 'NOT_FOUND',
    resp: 'NOTFOUND',
  },
  'not-synchronous': {
    meaning: 'The store or an option of this limiter needs an asynchronous call.',
    ...usage,
  },
  'store-unavailable': {
    meaning: 'The store did not answer, or refused to write.',
    retryable: true,
    http: 503,
    grpc: 'UNAVAILABLE',
    resp: 'UNAVAILABLE',
  },
  closed: {
    meaning: 'The limiter was closed.',
    retryable: false,
    http: 503,
    grpc: 'UNAVAILABLE',
    resp: 'UNAVAILABLE',
  },
  internal: {
    meaning: 'A defect of Headgate.',
    retryable: false,
    http: 500,
    grpc: 'INTERNAL',
    resp: 'ERR',
  },
}

const brand: symbol = Symbol.for('headgate.error')

/**
 * The one error class. Denials are never errors: this is thrown for wrong usage, and for a store that cannot answer.
 * The message names the field, the value and the fix; `cause` is always the original error.
 */
export class HeadgateError extends Error {
  override readonly name = 'HeadgateError'
  readonly code: ErrorCode
  /** Where the wrong value stands, as in `policies[0].rules[1].limit`; empty when there is no such place. */
  readonly path: string

  constructor(code: ErrorCode, message: string, options: { cause?: unknown; path?: string } = {}) {
    const path = options.path ?? ''
    super(path === '' ? message : `${path}: ${message}`, 'cause' in options ? { cause: options.cause } : {})
    this.code = code
    this.path = path
    Object.defineProperty(this, brand, { value: true })
  }

  /** Whether `value` is a HeadgateError of any copy of this package. */
  static is(value: unknown): value is HeadgateError {
    return typeof value === 'object' && value !== null && brand in value
  }

  /** Turns any thrown value into a HeadgateError; one of ours passes unchanged, anything else gets `code`. */
  static from(reason: unknown, code: ErrorCode = 'internal'): HeadgateError {
    if (HeadgateError.is(reason)) return reason
    const message = reason instanceof Error ? reason.message : String(reason)
    return new HeadgateError(code, message, { cause: reason })
  }
}

/** A short, safe picture of a wrong value for an error message: quoted, cut at 60 characters, never a stack. */
export function show(value: unknown): string {
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value === 'string') return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value)
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'an array' : 'an object'
  return String(value).slice(0, 60)
}
