import { wrong } from '../core/errors.ts'
import type { Match } from '../core/policy-options.ts'
import { isRecord } from '../core/validate.ts'
import { type Condition, compileConditions } from './condition.ts'
import type { RequestAttributes } from './request-attributes.ts'

/** A compiled `match`: a request has to meet all conditions. */
export interface Matcher {
  readonly conditions: readonly Condition[]
  test(request: RequestAttributes): boolean
}

/** Compiles a match; a mistake is an `invalid-options` error at `path`. */
export function compileMatch(match: Match = {}, path: string): Matcher {
  if (!isRecord(match)) throw wrong(match, 'is not a match; write { attribute: value }', path)
  const conditions = Object.entries(match).flatMap(([attribute, given]) =>
    compileConditions(attribute, given, `${path}.${attribute}`),
  )
  return { conditions, test: (request) => meetsAll(conditions, request) }
}

/** Whether a request meets all of these conditions. */
export function meetsAll(conditions: readonly Condition[], request: RequestAttributes): boolean {
  for (const condition of conditions) if (condition.fitting(request).length === 0) return false
  return true
}
