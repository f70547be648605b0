import { invalid, show, wrong } from '../core/errors.ts'
import type { PolicyOptions } from '../core/policy-options.ts'
import { checkName } from '../core/rule.ts'
import { checkFields } from '../core/validate.ts'
import type { Matcher } from './matcher.ts'
import { specificity } from './path-pattern.ts'
import type { RequestAttributes } from './request-attributes.ts'

/** What a policy is chosen by, of those of its group that match. */
export interface Choice {
  readonly group: string
  readonly by: 'priority' | 'path'
  /** The policy with the highest rank is chosen. */
  rank(request: RequestAttributes): number
}

/** Compiles `choose`; a mistake is an `invalid-options` error at `path`. */
export function compileChoose(
  choose: PolicyOptions['choose'],
  { conditions }: Matcher,
  path: string,
): Choice | null {
  if (choose === undefined) return null
  checkFields(choose, ['group', 'priority', 'by'], path)
  const group = checkName(choose.group, `${path}.group`)
  const { priority, by } = choose
  if (by === undefined) {
    if (priority === undefined) throw invalid(path, 'needs a priority, a whole number, or by: path')
    if (!Number.isSafeInteger(priority)) {
      throw wrong(priority, 'is not a whole number; give one, or by: path', `${path}.priority`)
    }
    return { group, by: 'priority', rank: () => priority as number }
  }
  if (by !== 'path') throw wrong(by, 'is nothing to choose by; use path, or a priority', `${path}.by`)
  if (priority !== undefined) throw invalid(path, 'by and priority are both there; give one of them')
  const paths = conditions.find(({ kind }) => kind === 'path')
  const ranks = new Map(paths?.patterns.map((pattern) => [pattern, specificity(pattern)]))
  return {
    group,
    by,
    rank: (request) => Math.max(-1, ...(paths?.fitting(request) ?? []).map((p) => ranks.get(p) as number)),
  }
}

/** A policy, as far as choosing goes. */
interface Chooser {
  readonly name: string
  readonly choose: Choice | null
}

/** A policy that matches a request. */
interface Candidate extends Chooser {
  /** Whether it can deny the request. */
  readonly enforces: boolean
  /** Null where the request lacks an attribute of its key. */
  readonly key: string | null
}

/** The candidates of a group that lead it so far; see {@link choose}. */
interface Leaders<P> {
  first: P
  deciding: P | null
  withoutKey: P | null
}

/** Checks that all policies of a group are chosen by the same thing: a path has no priority. */
export function checkGroups(policies: readonly Chooser[], pathOf: (index: number) => string): void {
  const firsts = new Map<string, Chooser>()
  policies.forEach((policy, i) => {
    if (policy.choose === null) return
    const { group, by } = policy.choose
    const first = firsts.get(group) ?? policy
    firsts.set(group, first)
    if (first.choose?.by === by) return
    const what = `group ${show(group)} chooses by ${first.choose?.by} in policy ${first.name}, and by ${by} here`
    throw invalid(pathOf(i), `${what}; use one of the two`)
  })
}

/**
 * Leaves of each group the policy of the highest rank that enforces and has a key, among equals the first one. The policy of
 * the highest rank of all stays beside it where it is in shadow. One that lacks its key refuses the request only where no
 * other can decide.
 */
export function choose<P extends Candidate>(
  candidates: readonly P[],
  request: RequestAttributes,
): readonly P[] {
  if (candidates.every((one) => one.choose === null)) return candidates
  const groups = new Map<string, Leaders<P>>()
  const ranks = new Map<P, number>()
  const higher = (one: P, other: P | null): P =>
    other !== null && (ranks.get(other) as number) >= (ranks.get(one) as number) ? other : one
  for (const one of candidates) {
    if (one.choose === null) continue
    ranks.set(one, one.choose.rank(request))
    const leaders = groups.get(one.choose.group) ?? { first: one, deciding: null, withoutKey: null }
    leaders.first = higher(one, leaders.first)
    if (one.enforces && one.key !== null) leaders.deciding = higher(one, leaders.deciding)
    if (one.enforces && one.key === null) leaders.withoutKey = higher(one, leaders.withoutKey)
    groups.set(one.choose.group, leaders)
  }
  return candidates.filter((one) => {
    if (one.choose === null) return true
    const { first, deciding, withoutKey } = groups.get(one.choose.group) as Leaders<P>
    return one === (deciding ?? withoutKey) || (one === first && !one.enforces)
  })
}
