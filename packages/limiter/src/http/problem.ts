import { STATUS_CODES } from 'node:http'
import { errorTable } from '../core/error-table.ts'
import type { ErrorCode } from '../core/errors.ts'

/** A problem document (RFC 9457); `code` and `path` are extension members. */
export interface Problem {
  /** URI of the kind of problem; `about:blank` where the status says it all. */
  readonly type: string
  /** Title of the type; for `about:blank` that of the status. */
  readonly title: string
  /** HTTP status. */
  readonly status: number
  /** What is wrong with this request, in one sentence. */
  readonly detail: string
  readonly code: ErrorCode
  /** The wrong field, such as `attributes.user`; absent where there is none. */
  readonly path?: string
}

/** The media type of problem documents. */
export const PROBLEM_JSON = 'application/problem+json'

/** Kinds of problems that draft-ietf-httpapi-ratelimit-headers-11 registers. */
export const PROBLEM_KINDS = {
  quotaExceeded: {
    type: 'https://iana.org/assignments/http-problem-types#quota-exceeded',
    title: 'Request cannot be satisfied as assigned quota has been exceeded',
  },
  reducedCapacity: {
    type: 'https://iana.org/assignments/http-problem-types#temporary-reduced-capacity',
    title: 'Request cannot be satisfied due to temporary server capacity constraints',
  },
  abnormalUsage: {
    type: 'https://iana.org/assignments/http-problem-types#abnormal-usage-detected',
    title: 'Request not satisfied due to detection of abnormal request pattern',
  },
} as const

/** The problem document of an error that `describeError` has described; its status is that of its code in `errorTable`. */
export function problemOf(error: {
  readonly code: ErrorCode
  readonly detail: string
  readonly path?: string
}): Problem {
  const { code, detail, path = '' } = error
  const { http: status } = errorTable[code]
  const kind =
    status === 503 ? PROBLEM_KINDS.reducedCapacity : { type: 'about:blank', title: titleOf(status) }
  return { ...kind, status, detail, code, ...(path === '' ? {} : { path }) }
}

/** The problem document of a request that fails at the level of HTTP: too large, wrong media type, unknown path. */
export function httpProblem(status: number, detail: string): Problem {
  return { type: 'about:blank', title: titleOf(status), status, detail, code: 'invalid-request' }
}

function titleOf(status: number): string {
  return STATUS_CODES[status] ?? ''
}
