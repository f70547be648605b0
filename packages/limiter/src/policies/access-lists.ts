import { invalid, wrong } from '../core/errors.ts'
import type { AccessList, Match } from '../core/policy-options.ts'
import { isRecord } from '../core/validate.ts'
import { MatchIndex } from './match-index.ts'
import { compileMatch, type Matcher } from './matcher.ts'
import type { RequestAttributes } from './request-attributes.ts'

/** The list that a request is on; `deny` where it is on both, null where it is on neither. */
export type Listed = 'allow' | 'deny' | null

/** An entry of a list: what puts a request on it. */
export interface ListEntry {
  readonly list: 'allow' | 'deny'
  readonly matcher: Matcher
}

/** Looks up a request in both lists; null where it is on neither. */
export type AccessLists = (request: RequestAttributes) => ListEntry | null

/** Compiles both lists; null where both are empty. A mistake is an `invalid-options` error. */
export function compileAccessLists(allow: AccessList = {}, deny: AccessList = {}): AccessLists | null {
  const [allows, denies] = [compileList(allow, 'allow'), compileList(deny, 'deny')]
  if (allows.length + denies.length === 0) return null
  const [allowed, denied] = [new MatchIndex(allows), new MatchIndex(denies)]
  return (request) => denied.matching(request)[0] ?? allowed.matching(request)[0] ?? null
}

function compileList(given: AccessList, list: ListEntry['list']): ListEntry[] {
  const path = `options.${list}`
  if (isMatches(given)) {
    return given.map((match, i) => ({ list, matcher: compileEntry(match, `${path}[${i}]`) }))
  }
  // Entries of a Map are no fields, and a list that is empty by mistake would let everybody pass.
  if (!isRecord(given) || given instanceof Map) {
    throw wrong(given, 'is not a list; write { attribute: [value, …] }, or a list of matches', path)
  }
  // Each attribute stands alone. An empty list of values names nobody.
  return Object.entries(given)
    .filter(([, values]) => !(Array.isArray(values) && values.length === 0))
    .map(([attribute, values]) => ({ list, matcher: compileMatch({ [attribute]: values }, path) }))
}

function isMatches(list: AccessList): list is readonly Match[] {
  return Array.isArray(list)
}

function compileEntry(match: Match, path: string): Matcher {
  const matcher = compileMatch(match, path)
  if (matcher.conditions.length > 0) return matcher
  throw invalid(path, 'an entry without attributes would list every request; name at least one')
}
