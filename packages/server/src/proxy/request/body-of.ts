import type { OwnAnswer } from '../answers/own-answer.ts'
import type { CanonicalRequest } from './canonical-request.ts'
import { REFUSALS } from './refusals.ts'
import type { ScannedFields } from './scan-fields.ts'

/** What follows the header of a request. */
export type Following = Pick<CanonicalRequest, 'body' | 'contentLength' | 'expectsContinue' | 'upgrade'>

/** Of the request line. */
interface Line {
  readonly method: string
  /** Whether its version is 1.1: before, there were no chunks, no 100 Continue and no other protocols. */
  readonly isCurrent: boolean
}

const LENGTH = /^\d{1,15}$/

/** Tells how the body comes. Refused is what two servers could take for bodies that end at different places. */
export function bodyOf(scanned: ScannedFields, { method, isCurrent }: Line): Following | OwnAnswer {
  const { contentLength: length, transferEncoding, expect } = scanned
  const isChunked = transferEncoding !== null
  if (isChunked && (length !== null || !isCurrent || transferEncoding.toLowerCase() !== 'chunked')) {
    return REFUSALS.framing
  }
  if (length !== null && !LENGTH.test(length)) return REFUSALS.framing
  if (expect !== null && expect.toLowerCase() !== '100-continue') return REFUSALS.expectation
  const contentLength = length === null ? null : Number(length)
  const isSized = contentLength !== null && contentLength > 0
  const body = isChunked ? 'chunked' : isSized ? 'sized' : 'none'
  const upgrade = isCurrent ? scanned.upgrade : null
  if (upgrade === 'websocket' && (body !== 'none' || method !== 'GET')) return REFUSALS.upgrade
  return { body, contentLength, expectsContinue: expect !== null && isCurrent && body !== 'none', upgrade }
}
