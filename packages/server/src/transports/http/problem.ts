import { STATUS_CODES } from 'node:http'
import type { Failure } from '../../service/describe-failure.ts'
import type { NotReady } from '../../service/service.ts'

/** A problem document (RFC 9457); `code` and `path` are members of our own. */
export interface Problem {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly detail: string
  readonly code: string
  readonly path?: string
}

/** The media type of problem documents. */
export const PROBLEM_JSON = 'application/problem+json'

const REDUCED_CAPACITY = {
  type: 'https://iana.org/assignments/http-problem-types#temporary-reduced-capacity',
  title: 'Request cannot be satisfied due to temporary server capacity constraints',
}

/** The document of a failure, with the status of the error table. */
export function problemOf({ code, detail, path, http }: Failure): Problem {
  const kind = http === 503 ? REDUCED_CAPACITY : { type: 'about:blank', title: STATUS_CODES[http] ?? '' }
  return { ...kind, status: http, detail, code, ...(path === '' ? {} : { path }) }
}

/** A document for requests that are wrong as HTTP. */
export function httpProblem(status: number, detail: string): Problem {
  return { type: 'about:blank', title: STATUS_CODES[status] ?? '', status, detail, code: 'invalid-request' }
}

/** The document of a readiness that is no. */
export function notReadyProblem({ code, reason }: NotReady): Problem {
  return { ...REDUCED_CAPACITY, status: 503, detail: reason, code }
}
