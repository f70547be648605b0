import type { FastifyRequest } from 'fastify'
import type { Expected } from '../../service/changes/policy-editor.ts'
import { badRequest } from '../../service/describe-failure.ts'

const FIX =
  'say what you change: If-Match with the ETag that GET /v1/policies has, or * for whatever is there; for a new policy If-None-Match: *'

/** What a request expects to be there (RFC 9110, section 13.1); a `invalid-request` error where it does not say. */
export function readPrecondition({ headers }: FastifyRequest): Expected {
  const [match, noneMatch] = [headers['if-match'], headers['if-none-match']]
  if ((match === undefined) === (noneMatch === undefined)) throw badRequest(FIX, 'headers.if-match')
  if (match === undefined) {
    if (noneMatch?.trim() === '*') return 'none'
    throw badRequest('If-None-Match can only be *', 'headers.if-none-match')
  }
  if (match.trim() === '*') return 'any'
  const tags = match.split(',').map((tag) => /^"([\w-]{1,64})"$/.exec(tag.trim())?.[1])
  if (tags.length <= TAGS_MAX && tags.every((tag) => tag !== undefined)) return tags
  throw badRequest(`If-Match is no ETag of ours; ${FIX}`, 'headers.if-match')
}

const TAGS_MAX = 8

/** A version as a field `ETag` has it. */
export function etagOf(version: string): string {
  return `"${version}"`
}
