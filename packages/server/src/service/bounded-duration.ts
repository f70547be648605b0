import { type Duration, HeadgateError, parseDuration } from 'headgate'
import { badRequest } from './describe-failure.ts'

/** A duration of a body in milliseconds, up to `maxMs`. */
export function durationMs(value: Duration, field: string, maxMs: number): number {
  const ms = parsed(value, field)
  if (ms <= maxMs) return ms
  throw badRequest(`${ms} ms are more than the ${maxMs} that a ${field} may be`, field)
}

function parsed(value: Duration, field: string): number {
  try {
    return parseDuration(value, '')
  } catch (reason) {
    throw badRequest(HeadgateError.from(reason).detail, field)
  }
}
