import { errorTable } from '../core/error-table.ts'
import { type ErrorCode, wrong } from '../core/errors.ts'
import { isWhole, suggest } from '../core/validate.ts'
import { STATUS_TITLES } from './status-titles.ts'

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

/**
 * The problem document of an error that `describeError` has described; its status is that of its code in `errorTable`. Another
 * code throws `invalid-options`.
 */
export function problemOf(error: {
  readonly code: ErrorCode
  readonly detail: string
  readonly path?: string
}): Problem {
  const { code, detail, path = '' } = error
  if (!Object.hasOwn(errorTable, code)) {
    throw wrong(code, `is no code of an error${suggest(code, Object.keys(errorTable))}`, 'code')
  }
  const { http: status } = errorTable[code]
  const kind =
    status === 503 ? PROBLEM_KINDS.reducedCapacity : { type: 'about:blank', title: titleOf(status) }
  return { ...kind, status, detail, code, ...(path === '' ? {} : { path }) }
}

/**
 * The problem document of a request that fails at the level of HTTP: too large, wrong media type, unknown path. `status` is from
 * 400 to 599; another one throws `invalid-options`.
 */
export function httpProblem(status: number, detail: string): Problem {
  if (!isWhole(status, 400) || status > 599)
    throw wrong(status, 'is no status of a failure; use 400 to 599', 'status')
  return { type: 'about:blank', title: titleOf(status), status, detail, code: 'invalid-request' }
}

function titleOf(status: number): string {
  // Clients treat a status that they do not know as the first of its class (RFC 9110, section 15).
  return STATUS_TITLES[status] ?? (STATUS_TITLES[status < 500 ? 400 : 500] as string)
}
