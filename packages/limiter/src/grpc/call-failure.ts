import { type ServiceError, status } from '@grpc/grpc-js'
import type { RawAnswer } from '../client/connection.ts'
import { ServiceFailure } from '../client/service-failure.ts'
import { errorTable } from '../core/error-table.ts'
import type { ErrorCode } from '../core/errors.ts'
import { ErrorInfo, RetryInfo, Status } from '../gen/google-rpc.ts'

/** Where a status has its details. */
export const DETAILS = 'grpc-status-details-bin'
/** Of the errors of the service. */
const DOMAIN = 'headgate'

/**
 * What the caller did wrong, where a status says so without details: grpc-js ends a message that is too large, or a method that is
 * not there, before the service hears of it. No outage: `onError` would let pass whatever is made wrong on purpose.
 */
const MISTAKES: ReadonlyMap<status, ErrorCode> = new Map([
  [status.INVALID_ARGUMENT, 'invalid-request'],
  [status.RESOURCE_EXHAUSTED, 'invalid-request'],
  [status.UNIMPLEMENTED, 'invalid-request'],
  [status.FAILED_PRECONDITION, 'invalid-request'],
  [status.OUT_OF_RANGE, 'invalid-request'],
  [status.NOT_FOUND, 'invalid-request'],
  [status.ALREADY_EXISTS, 'invalid-request'],
  [status.UNAUTHENTICATED, 'unauthenticated'],
  [status.PERMISSION_DENIED, 'forbidden'],
])

/**
 * The answer that a status stands for, as the HTTP API would have it: one of the service, or of a mistake of the caller. Any other
 * is a failure of what lies between, and thrown.
 */
export function answerOfStatus(error: ServiceError): RawAnswer {
  const info = infoOf(error) ?? mistakeOf(error)
  if (info === null) throw failureOf(error)
  const { code, path, retrySeconds } = info
  const { details } = error
  const detail = path !== '' && details.startsWith(`${path}: `) ? details.slice(path.length + 2) : details
  return {
    status: errorTable[code].http,
    body: { code, detail, path, ...(retrySeconds > 0 && { retryAfterMs: retrySeconds * 1000 }) },
    retryAfter: retrySeconds > 0 ? String(retrySeconds) : undefined,
  }
}

interface Info {
  readonly code: ErrorCode
  readonly path: string
  /** 0 where none is told. */
  readonly retrySeconds: number
}

function infoOf({ metadata }: ServiceError): Info | null {
  const [bytes] = metadata?.get(DETAILS) ?? []
  if (!Buffer.isBuffer(bytes)) return null
  try {
    const { details } = Status.decode(bytes)
    const find = (type: string): Uint8Array | undefined =>
      details.find(({ typeUrl }) => typeUrl.endsWith(`/google.rpc.${type}`))?.value
    const [told, retry] = [find('ErrorInfo'), find('RetryInfo')]
    if (told === undefined) return null
    const { reason, domain, metadata: fields } = ErrorInfo.decode(told)
    if (domain !== DOMAIN || !Object.hasOwn(errorTable, reason)) return null
    const { seconds = 0 } = (retry && RetryInfo.decode(retry).retryDelay) ?? {}
    return { code: reason as ErrorCode, path: fields['path'] ?? '', retrySeconds: seconds }
  } catch {
    // Whoever stands between may put in what it likes.
    return null
  }
}

function mistakeOf({ code }: ServiceError): Info | null {
  const mistake = MISTAKES.get(code)
  return mistake === undefined ? null : { code: mistake, path: '', retrySeconds: 0 }
}

function failureOf(error: ServiceError): ServiceFailure {
  const { code, details } = error
  const isUnreached = code === status.UNAVAILABLE && details.includes('ECONNREFUSED')
  return new ServiceFailure(
    isUnreached ? 'cannot be reached (ECONNREFUSED)' : `answered ${status[code]}: ${details}`,
    {
      cause: error,
      kind: isUnreached ? 'unreached' : 'other',
    },
  )
}
