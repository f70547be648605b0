import type { OverrideOptions, PolicyOptions } from 'headgate'
import { compilePolicies, type PolicyView, type RuleDescription } from 'headgate/policies'
import { WINDOWS_MAX } from 'headgate/store'
import { withoutStore } from './stores.ts'

/** A rule as an override changes it, or as it stands in the policy itself. */
interface Variant {
  /** As in `overrides[0]`; empty for the policy itself. */
  readonly where: string
  readonly rule: RuleDescription
}

/**
 * What overrides admit at worst, one sentence for each rule they change, and whose budget they draw on: that of the rule
 * where the window is the same, of a bucket the rate; else one of their own (guarantee G12).
 */
export function overrideBudgets(policies: readonly PolicyOptions[]): string[] {
  return compilePolicies(policies.map(withoutStore)).flatMap((view, i) =>
    variantsOf(view, policies[i]?.overrides ?? []).flatMap((variants) =>
      variants.slice(1).map(({ where, rule }, before) => {
        const budget = budgetOf(rule, variants.slice(0, before + 1))
        return `${view.name}/${rule.name}, ${where}: ${rule.worstCase}${budget}`
      }),
    ),
  )
}

/** Names policies of which a key can hold more windows of one rule than it keeps. */
export function windowWarnings(policies: readonly PolicyOptions[]): string[] {
  return compilePolicies(policies.map(withoutStore)).flatMap(({ name, crowded }, i) => {
    if (crowded === null) return []
    const what = `rule ${crowded.name} of policy ${name} has ${crowded.windows} windows or rates`
    const limit = `a key holds at most ${WINDOWS_MAX} of one rule`
    return `policies[${i}].overrides: ${what}; ${limit}, so that what was spent longest ago is forgotten; use fewer`
  })
}

function budgetOf(rule: RuleDescription, [own, ...earlier]: readonly Variant[]): string {
  if (rule.denies) return ''
  const isSame = (other: Variant): boolean => !other.rule.denies && other.rule.identity === rule.identity
  if (own !== undefined && isSame(own)) return '; the same budget'
  const first = earlier.find(isSame)
  if (first !== undefined) return `; the budget of ${first.where}`
  return '; a budget of its own, since its window or rate is another'
}

/** Of each rule of a policy: the rule itself, and what overrides make of it. */
function variantsOf(view: PolicyView, overrides: readonly OverrideOptions[]): Variant[][] {
  return view.rules.map((rule, i) => {
    const changed = overrides.flatMap(({ rules: changes }, j): Variant[] => {
      const variant = view.overrides[j]?.rules[i]
      const isChanged = variant !== undefined && Object.hasOwn(changes, rule.name)
      return isChanged ? [{ where: `overrides[${j}]`, rule: variant }] : []
    })
    return [{ where: '', rule }, ...changed]
  })
}
