import type { Readable } from 'node:stream'
import type { Clock } from 'headgate'
import type { CspReport } from '../../service/proxy-events.ts'
import type { OwnAnswer } from '../answers/own-answer.ts'
import { problemAnswer } from '../answers/problem-answer.ts'
import { type CanonicalRequest, fieldOf } from '../request/canonical-request.ts'
import { parseCspReports, REPORT_TYPES } from './csp-report.ts'
import { reportBody, type UnreadBody } from './report-body.ts'

/** Where reports come in, and where they go. */
export interface CspReportsOptions {
  /** Canonical paths; none: no request is a report. */
  readonly paths: readonly string[]
  readonly clock: Pick<Clock, 'now' | 'after'>
  /** Is called for each report; `isLogged` for as many as a log can take, since anybody can send them. */
  readonly onReport: (report: CspReport, isLogged: boolean) => void
}

const BODY_MAX = 16_384
/** How long a report may take: browsers send it at once. */
const TIME_MAX_MS = 10_000
/** Most reports of a second that are logged. */
const LOGGED_MAX = 10

// The connection ends where a body is not read to its end.
const TOO_LONG = problemAnswer('body-too-large', 'the report is longer than 16 KiB', { closes: true })
const NO_REPORT_TYPE = problemAnswer('bad-request', `reports are sent as ${REPORT_TYPES.join(' or ')}`, {
  status: 415,
  closes: true,
})
const TOO_SLOW = problemAnswer('bad-request', 'the report did not come in time', { closes: true })
const NO_REPORT = problemAnswer('bad-request', 'the body is no report of a content security policy')
const UNREAD: Readonly<Record<UnreadBody, OwnAnswer>> = {
  'too-long': TOO_LONG,
  'too-slow': TOO_SLOW,
  'broke-off': problemAnswer('client-gone', 'the report broke off', { status: 400, closes: true }),
}

/** Takes reports of violations, which are never forwarded. */
export class CspReports {
  readonly #paths: ReadonlySet<string>
  readonly #clock: Pick<Clock, 'now' | 'after'>
  readonly #onReport: CspReportsOptions['onReport']
  #second = 0
  #logged = 0

  constructor({ paths, clock, onReport }: CspReportsOptions) {
    this.#paths = new Set(paths)
    this.#clock = clock
    this.#onReport = onReport
  }

  /** Whether a request is a report, or is to be one. */
  matches({ method, path }: Pick<CanonicalRequest, 'method' | 'path'>): boolean {
    return method === 'POST' && this.#paths.has(path)
  }

  /** Reads a report and answers it: 204, or what is wrong with it. */
  async answer(
    request: Pick<CanonicalRequest, 'fields' | 'contentLength'>,
    body: Readable,
  ): Promise<OwnAnswer> {
    const [type = ''] = (fieldOf(request, 'content-type') ?? '').split(';')
    if (!REPORT_TYPES.includes(type.trim().toLowerCase())) return NO_REPORT_TYPE
    if ((request.contentLength ?? 0) > BODY_MAX) return TOO_LONG
    const read = await reportBody(body, { bytesMax: BODY_MAX, timeMaxMs: TIME_MAX_MS, clock: this.#clock })
    if (typeof read === 'string') return UNREAD[read]
    const reports = parseCspReports(read.text)
    if (reports === null) return NO_REPORT
    for (const report of reports) this.#onReport(report, this.#mayLog())
    return { outcome: 'csp-report', status: 204, fields: [], body: '' }
  }

  #mayLog(): boolean {
    const second = Math.floor(this.#clock.now() / 1_000_000)
    if (second !== this.#second) {
      this.#second = second
      this.#logged = 0
    }
    this.#logged++
    return this.#logged <= LOGGED_MAX
  }
}
