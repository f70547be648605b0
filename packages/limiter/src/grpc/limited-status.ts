import { Metadata, type StatusObject, status } from '@grpc/grpc-js'
import type { Denied } from '../core/decision.ts'
import { errorTable } from '../core/error-table.ts'
import { HeadgateError } from '../core/errors.ts'
import { limitedError } from '../core/limited-error.ts'
import { ErrorInfo, QuotaFailure, RetryInfo, Status } from '../gen/google-rpc.ts'
import { DETAILS } from './call-failure.ts'

const DOMAIN = 'headgate'

/**
 * The status of a call that is denied: RESOURCE_EXHAUSTED with a `QuotaFailure`, and a `RetryInfo` where a wait helps; UNAVAILABLE
 * where the store did not answer.
 */
export function limitedStatus(decision: Denied): StatusObject {
  const error = limitedError(decision)
  const { policy, rule } = decision
  const subject = policy === null ? 'headgate' : `policy:${policy}/${rule}`
  const violation = { subject, description: error.detail }
  const quota = QuotaFailure.encode({ violations: [violation] })
  return statusOf(error, [['QuotaFailure', quota], ...retryInfo(waitMs(decision))])
}

/** The status of a call that could not be decided, for a mistake or for want of an answer. */
export function failedStatus(reason: unknown): StatusObject {
  const error = HeadgateError.from(reason)
  // What a defect says is for the log of whoever has it.
  const shown =
    error.code === 'internal' ? new HeadgateError('internal', 'The limit could not be decided') : error
  return statusOf(shown, retryInfo(error.retryAfterMs ?? null))
}

type Detail = readonly [type: string, value: Uint8Array]

function statusOf(error: HeadgateError, more: readonly Detail[]): StatusObject {
  const code = status[errorTable[error.code].grpc as keyof typeof status]
  const info = ErrorInfo.encode({ reason: error.code, domain: DOMAIN, metadata: {} })
  const details = [['ErrorInfo', info] as Detail, ...more].map(([type, value]) => {
    return { typeUrl: `type.googleapis.com/google.rpc.${type}`, value }
  })
  const metadata = new Metadata()
  metadata.set(DETAILS, Status.encode({ code, message: error.detail, details }))
  return { code, details: error.detail, metadata }
}

/** The exact wait, without the slack of timers. */
function waitMs({ rules, retryAfterMs }: Denied): number | null {
  if (retryAfterMs === null) return null
  return Math.max(0, ...rules.map((rule) => rule.retryAfterMs ?? 0)) || retryAfterMs
}

function retryInfo(ms: number | null): Detail[] {
  if (ms === null) return []
  const retryDelay = { seconds: Math.floor(ms / 1000), nanos: (ms % 1000) * 1_000_000 }
  return [['RetryInfo', RetryInfo.encode({ retryDelay })]]
}
