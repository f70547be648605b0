import type { ErrorCode } from './errors.ts'

/** What one error code means, and what each transport answers with. */
export interface ErrorMeaning {
  /** One sentence for people. */
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

/** The meaning of every error code. Transports take their statuses from this table alone. */
export const errorTable: Readonly<Record<ErrorCode, ErrorMeaning>> = {
  'invalid-cost': { meaning: 'A cost is not a safe integer of 0 or more.', ...usage },
  'invalid-key': { meaning: 'A key or attribute is missing, empty or of the wrong type.', ...usage },
  'invalid-rule': { meaning: 'A rule cannot be compiled to exact integers.', ...usage },
  'invalid-options': { meaning: 'An option has a wrong name, type or value.', ...usage },
  'invalid-config': { meaning: 'A configuration file does not parse or validate.', ...usage },
  'invalid-receipt': { meaning: 'A value is not a receipt of this system.', ...usage },
  'invalid-snapshot': { meaning: 'Bytes are not a snapshot that this version reads.', ...usage },
  'invalid-request': { meaning: 'A request is malformed.', ...usage },
  unauthenticated: {
    meaning: 'A token is missing or not valid: that of the caller, or one that should give an identity.',
    retryable: false,
    http: 401,
    grpc: 'UNAUTHENTICATED',
    resp: 'NOAUTH',
  },
  forbidden: {
    meaning: 'The token of the caller is for something else.',
    retryable: false,
    http: 403,
    grpc: 'PERMISSION_DENIED',
    resp: 'NOPERM',
  },
  'unknown-policy': {
    meaning: 'No policy of that name is configured.',
    retryable: false,
    http: 404,
    grpc: 'NOT_FOUND',
    resp: 'NOTFOUND',
  },
  conflict: {
    meaning: 'Something else was changed meanwhile, or may not be changed here.',
    retryable: false,
    http: 409,
    grpc: 'ABORTED',
    resp: 'ERR',
  },
  limited: {
    meaning: 'A limit does not let the call pass now.',
    retryable: true,
    http: 429,
    grpc: 'RESOURCE_EXHAUSTED',
    resp: 'ERR',
  },
  'too-many-windows': {
    meaning: 'A call brought a sixth window, of a bucket a sixth rate, for one key.',
    retryable: true,
    http: 429,
    grpc: 'RESOURCE_EXHAUSTED',
    resp: 'ERR',
  },
  'too-many-waiters': {
    meaning: 'More calls wait than the service takes.',
    retryable: true,
    http: 503,
    grpc: 'RESOURCE_EXHAUSTED',
    resp: 'UNAVAILABLE',
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
  'source-unavailable': {
    meaning: 'The limits of a key could not be loaded.',
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
