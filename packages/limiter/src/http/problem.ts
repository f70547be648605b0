import { STATUS_CODES } from 'node:http'
import { errorTable } from '../core/error-table.ts'
import type { ErrorCode } from '../core/errors.ts'

/** A problem document (RFC 9457); `code` and `path` are members of our own. */
export interface Problem {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly detail: string
  readonly code: ErrorCode
  /** The field it is about, as in `attributes.user`; absent when there is none. */
  readonly path?: string
}

/** The media type of problem documents. */
export const PROBLEM_JSON = 'application/problem+json'

const REDUCED_CAPACITY = {
  type: 'https://iana.org/assignments/http-problem-types#temporary-reduced-capacity',
  title: 'Request cannot be satisfied due to temporary server capacity constraints',
}

/** The document of an error, as `describeError` describes it: its status is the one of its code. */
export function problemOf(error: {
  readonly code: ErrorCode
  readonly detail: string
  readonly path?: string
}): Problem {
  const { code, detail, path = '' } = error
  const { http: status } = errorTable[code]
  const kind = status === 503 ? REDUCED_CAPACITY : { type: 'about:blank', title: titleOf(status) }
  return { ...kind, status, detail, code, ...(path === '' ? {} : { path }) }
}

/** The document of a request that is wrong as HTTP: too large, of another type, to a path that does not exist. */
export function httpProblem(status: number, detail: string): Problem {
  return { type: 'about:blank', title: titleOf(status), status, detail, code: 'invalid-request' }
}

function titleOf(status: number): string {
  return STATUS_CODES[status] ?? ''
}
