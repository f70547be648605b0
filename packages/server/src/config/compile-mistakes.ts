import { compilePolicies } from 'headgate/policies'
import type { Mistake, Path } from './config-error.ts'
import { libraryMistake } from './library-mistake.ts'
import { withoutOutcome } from './proxy/outcome-policies.ts'
import type { FilePolicy } from './schema/policy-shape.ts'
import { withoutStore } from './stores.ts'

/** What the library has against policies: the first mistake. */
export function compileMistake(policies: readonly FilePolicy[]): Mistake | null {
  const checked = { policies: policies.map((policy) => withoutStore(withoutOutcome(policy))) }
  return libraryMistake(() => compilePolicies(checked.policies), checked)
}

/** A policy with more is told the rest when these are mended. */
const MISTAKES_MAX = 20

/** Stands in place of an override that is wrong, so that positions stay. */
const RIGHT = { match: { key: 'x' }, rules: {} }

/** All that the library has against one policy: it names one mistake at a time, and is asked again without what was wrong. */
export function compileMistakes(policy: FilePolicy): Mistake[] {
  const found: Mistake[] = []
  let rest = policy
  while (found.length < MISTAKES_MAX) {
    const mistake = compileMistake([rest])
    if (mistake === null) break
    found.push(mistake)
    const next = withoutPart(rest, mistake.path.slice(2))
    if (next === null) break
    rest = next
  }
  return found
}

/** A policy without what stands at a path; null where nothing can be left out. */
function withoutPart(policy: FilePolicy, [field, step]: Path): FilePolicy | null {
  if (field === 'name') return policy.name === 'x' ? null : { ...policy, name: 'x' }
  if (field === 'rules') return typeof step === 'number' ? withoutRule(policy, step) : null
  if (field === 'overrides' && typeof step === 'number' && policy.overrides?.[step] !== undefined) {
    return policy.overrides[step] === RIGHT
      ? null
      : { ...policy, overrides: policy.overrides.with(step, RIGHT) }
  }
  if (field === 'match' && typeof step === 'string' && policy.match !== undefined) {
    const { [step]: _, ...match } = policy.match
    return Object.keys(match).length < Object.keys(policy.match).length ? { ...policy, match } : null
  }
  if (typeof field !== 'string' || !(field in policy)) return null
  const { [field as keyof FilePolicy]: _, ...rest } = policy
  return rest as FilePolicy
}

/** What names rules may mean the one that is wrong, so that it goes too. */
function withoutRule(
  { overrides: _o, shadow: _s, ...policy }: FilePolicy,
  position: number,
): FilePolicy | null {
  // In place of the rule stands one that is right, so that positions stay.
  const instead = `1/${position + 1}00day`
  if (policy.rules[position] === instead) return null
  return { ...policy, rules: policy.rules.with(position, instead) }
}
