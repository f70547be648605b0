import { wrong } from '../core/errors.ts'
import type { AccessList } from '../core/policy-options.ts'
import { isRecord } from '../core/validate.ts'
import { compileMatch, type RequestAttributes } from './matcher.ts'

/** The list that a request is on; `deny` where it is on both, null where it is on neither. */
export type Listed = 'allow' | 'deny' | null

/** Looks up a request in both lists. */
export type AccessLists = (request: RequestAttributes) => Listed

/** Compiles both lists; null where both are empty. A mistake is an `invalid-options` error. */
export function compileAccessLists(allow: AccessList = {}, deny: AccessList = {}): AccessLists | null {
  const [allows, denies] = [compileList(allow, 'options.allow'), compileList(deny, 'options.deny')]
  if (allows.length + denies.length === 0) return null
  return (request) => {
    const passes = (test: Test): boolean => test(request)
    return denies.some(passes) ? 'deny' : allows.some(passes) ? 'allow' : null
  }
}

type Test = (request: RequestAttributes) => boolean

/** One test per attribute; a request is on the list when any of its attributes has a listed value. */
function compileList(list: AccessList, path: string): Test[] {
  // Entries of a Map are no fields, and a list that is empty by mistake would let everybody pass.
  if (!isRecord(list) || list instanceof Map) {
    throw wrong(list, 'is not a list; write { attribute: [value, …] }', path)
  }
  return Object.entries(list).map(([attribute, values]): Test => {
    const at = `${path}.${attribute}`
    if (!Array.isArray(values)) throw wrong(values, 'is not a list of texts and whole numbers', at)
    // An empty list names nobody.
    if (values.length === 0) return () => false
    return compileMatch({ [attribute]: values }, path).test
  })
}
