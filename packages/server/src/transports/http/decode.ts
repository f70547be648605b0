import type { Attributes, DescriptorEntry, LimitRequest } from 'headgate'
import { badRequest } from '../../service/describe-failure.ts'

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

/** A body that fits its schema, as `fields.ts` has it. */
export interface LimitBody {
  readonly attributes?: Attributes
  readonly key?: string | number
  readonly descriptor?: readonly DescriptorEntry[]
  readonly cost?: number
  readonly policy?: string
}

/** Reads such a body; nothing is converted. */
export function decodeRequest({ attributes, key, descriptor, ...rest }: LimitBody): LimitRequest {
  const flat = attributes ?? { key: key as string | number }
  return { who: descriptor === undefined ? flat : { ...flat, descriptor }, ...rest }
}
