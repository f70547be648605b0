import { invalid, wrong } from '../core/errors.ts'
import type { AccessList, Match } from '../core/policy-options.ts'
import { isRecord } from '../core/validate.ts'
import { MatchIndex } from './match-index.ts'
import { compileMatch, type Matcher } from './matcher.ts'
import type { RequestAttributes } from './request-attributes.ts'

/** The list that a request is on; `deny` where it is on both, null where it is on neither. */
export type Listed = 'allow' | 'deny' | null

/** Looks up a request in both lists. */
export type AccessLists = (request: RequestAttributes) => Listed

/** Compiles both lists; null where both are empty. A mistake is an `invalid-options` error. */
export function compileAccessLists(allow: AccessList = {}, deny: AccessList = {}): AccessLists | null {
  const [allows, denies] = [compileList(allow, 'options.allow'), compileList(deny, 'options.deny')]
  if (allows.length + denies.length === 0) return null
  const [allowed, denied] = [new MatchIndex(allows), new MatchIndex(denies)]
  return (request) => {
    if (denied.matching(request).length > 0) return 'deny'
    return allowed.matching(request).length > 0 ? 'allow' : null
  }
}

/** One thing that puts a request on a list. */
interface Entry {
  readonly matcher: Matcher
}

function compileList(list: AccessList, path: string): Entry[] {
  if (isMatches(list)) return list.map((match, i) => compileEntry(match, `${path}[${i}]`))
  // Entries of a Map are no fields, and a list that is empty by mistake would let everybody pass.
  if (!isRecord(list) || list instanceof Map) {
    throw wrong(list, 'is not a list; write { attribute: [value, …] }, or a list of matches', path)
  }
  // Each attribute stands alone. An empty list of values names nobody.
  return Object.entries(list)
    .filter(([, values]) => !(Array.isArray(values) && values.length === 0))
    .map(([attribute, values]) => ({ matcher: compileMatch({ [attribute]: values }, path) }))
}

function isMatches(list: AccessList): list is readonly Match[] {
  return Array.isArray(list)
}

function compileEntry(match: Match, path: string): Entry {
  const matcher = compileMatch(match, path)
  if (matcher.conditions.length > 0) return { matcher }
  throw invalid(path, 'an entry without attributes would list every request; name at least one')
}
