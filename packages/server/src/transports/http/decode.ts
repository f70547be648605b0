import type { Attributes, DescriptorEntry, LimitRequest, Rate } from 'headgate'
import { badRequest } from '../../service/describe-failure.ts'
import { HTTP_POLICY } from '../../service/wire-policy.ts'

// Bytes that are not UTF-8 would all turn into one replacement character, and keys would meet.
const utf8 = new TextDecoder('utf-8', { fatal: true })

/** Reads JSON from bytes: UTF-8 without a byte order mark. `__proto__` becomes a key like any other. */
export function decodeJson(bytes: Buffer): unknown {
  if (bytes.length === 0) return undefined
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) {
    throw badRequest('the body begins with a byte order mark; send UTF-8 without one', '')
  }
  try {
    return JSON.parse(utf8.decode(bytes))
  } catch (reason) {
    const what = reason instanceof SyntaxError ? 'JSON' : 'UTF-8 text'
    throw badRequest(`the body is not ${what}`, '')
  }
}

/** The same of the text of bytes that are all ASCII, which is UTF-8 as it stands. */
export function decodeAscii(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw badRequest('the body is not JSON', '')
  }
}

/** A body that fits its schema, as `body-fields.ts` has it. */
export interface LimitBody extends Pick<LimitRequest, 'verb' | 'anyOf'> {
  readonly attributes?: Attributes
  readonly key?: string | number
  readonly descriptor?: readonly DescriptorEntry[]
  readonly cost?: number
  readonly policy?: string
  readonly limit?: Rate | readonly Rate[]
  readonly burst?: number
}

/** Reads such a body; nothing is converted. A whole rule counts under the name of the wire that brought it. */
export function decodeRequest(body: LimitBody, wirePolicy: string = HTTP_POLICY): LimitRequest {
  // Most bodies: no copy of nothing has to be made.
  if (body.attributes !== undefined && Object.keys(body).length === 1) return { who: body.attributes }
  const { attributes, key, descriptor, limit, burst, ...rest } = body
  const flat = attributes ?? (key === undefined ? {} : { key })
  const request = { who: descriptor === undefined ? flat : { ...flat, descriptor }, ...rest }
  if (limit !== undefined && key !== undefined && rest.policy === undefined) {
    return {
      ...request,
      policy: wirePolicy,
      rule: { limit: oneRate(limit), ...(burst !== undefined && { burst }) },
    }
  }
  if (burst !== undefined) {
    throw badRequest(
      'a burst goes with a "key" and a "limit" alone: other limits keep that of their policy',
      'burst',
    )
  }
  return limit === undefined ? request : { ...request, limit }
}

function oneRate(limit: Rate | readonly Rate[]): Rate {
  if (!Array.isArray(limit)) return limit as Rate
  const fix = 'give one rate, or name the policy whose rates these are'
  throw badRequest(`a "key" with a "limit" is one rule, not a list; ${fix}`, 'limit')
}
