import { hash } from 'node:crypto'
import type { Response } from 'express'
import { quoted } from '../../http/rate-limit-headers.ts'
import type { DraftHeadersVersion, RateLimitInfo } from './express-rate-limit-options.ts'

/** What header fields tell. */
export interface LimitHeaders {
  readonly info: RateLimitInfo
  readonly windowMs: number
  /** Name of the policy, of which draft 8 tells. */
  readonly name: string
}

/** Sets `X-RateLimit-*`. */
export function writeLegacyHeaders(response: Response, { limit, remaining, resetTime }: RateLimitInfo): void {
  response.setHeader('X-RateLimit-Limit', String(limit))
  response.setHeader('X-RateLimit-Remaining', String(remaining))
  if (resetTime === undefined) return
  // What the reset is to be compared with.
  response.setHeader('Date', new Date().toUTCString())
  response.setHeader('X-RateLimit-Reset', String(Math.ceil(resetTime.getTime() / 1000)))
}

/** Sets or, for draft 8, adds the fields of a draft. */
export function writeStandardHeaders(
  response: Response,
  draft: DraftHeadersVersion,
  { info, windowMs, name }: LimitHeaders,
): void {
  const { limit, remaining } = info
  const window = Math.ceil(windowMs / 1000)
  const reset = secondsToReset(info, windowMs)
  if (draft === 'draft-8') {
    const policy = quoted(name)
    response.append('RateLimit', `${policy}; r=${remaining}; t=${reset}`)
    response.append('RateLimit-Policy', `${policy}; q=${limit}; w=${window}; pk=:${partitionKey(info.key)}:`)
    return
  }
  response.setHeader('RateLimit-Policy', `${limit};w=${window}`)
  if (draft === 'draft-7') {
    response.setHeader('RateLimit', `limit=${limit}, remaining=${remaining}, reset=${reset}`)
    return
  }
  response.setHeader('RateLimit-Limit', String(limit))
  response.setHeader('RateLimit-Remaining', String(remaining))
  response.setHeader('RateLimit-Reset', String(reset))
}

/** Whole seconds until the window ends, rounded up; a whole window where the store does not say. */
export function secondsToReset({ resetTime }: RateLimitInfo, windowMs: number): number {
  const ms = resetTime === undefined ? windowMs : resetTime.getTime() - Date.now()
  return Math.max(0, Math.ceil(ms / 1000))
}

/** The first 12 digits of the hash, as a Byte Sequence. */
function partitionKey(key: string): string {
  return btoa(hash('sha256', key, 'hex').slice(0, 12))
}
