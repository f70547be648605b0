import type { PolicyOptions, RuleOptions } from 'headgate'
import { compileRule, crowdedRule, type Rule, WINDOWS_MAX } from 'headgate/store'
import { worstCase } from './worst-case.ts'

/** A rule as an override changes it, or as it stands in the policy itself. */
interface Variant {
  /** As in `overrides[0]`; empty for the policy itself. */
  readonly where: string
  readonly rule: Rule
}

/**
 * What overrides admit at worst, one sentence for each rule they change, and whose budget they draw on: that of the rule
 * where the window is the same, of a bucket the rate; else one of their own (guarantee G12).
 */
export function overrideBudgets(policies: readonly PolicyOptions[]): string[] {
  return policies.flatMap((policy) =>
    variantsOf(policy).flatMap((variants) =>
      variants.slice(1).map((variant, i) => {
        const budget = budgetOf(variant, variants.slice(0, i + 1))
        return `${policy.name}/${variant.rule.name}, ${variant.where}: ${worstCase(variant.rule, policy)}${budget}`
      }),
    ),
  )
}

/** Names policies of which a key can hold more windows of one rule than it keeps. */
export function windowWarnings(policies: readonly PolicyOptions[]): string[] {
  return policies.flatMap((policy, i) =>
    variantsOf({ ...policy, overrides: sharedOverrides(policy) }).flatMap((variants) => {
      const crowded = crowdedRule(variants.map(({ rule }) => rule))
      if (crowded === undefined) return []
      const what = `rule ${crowded.name} of policy ${policy.name} has ${crowded.windows} windows or rates`
      const limit = `a key holds at most ${WINDOWS_MAX} of one rule`
      return `policies[${i}].overrides: ${what}; ${limit}, so that what was spent longest ago is forgotten; use fewer`
    }),
  )
}

/** Overrides that one key can meet in turn: one that is for some keys alone meets no others there. */
function sharedOverrides({
  key = 'key',
  overrides = [],
}: PolicyOptions): NonNullable<PolicyOptions['overrides']> {
  const parts = [key].flat()
  return overrides.filter(({ match }) => !parts.some((part) => Object.hasOwn(match, part)))
}

function budgetOf({ rule }: Variant, [own, ...earlier]: readonly Variant[]): string {
  if (rule.denies) return ''
  const isSame = (other: Variant): boolean =>
    !other.rule.denies && other.rule.identity.text === rule.identity.text
  if (own !== undefined && isSame(own)) return '; the same budget'
  const first = earlier.find(isSame)
  if (first !== undefined) return `; the budget of ${first.where}`
  return '; a budget of its own, since its window or rate is another'
}

/** Of each rule of a policy: the rule itself, and what overrides make of it. */
function variantsOf({ rules, overrides = [] }: PolicyOptions): Variant[][] {
  return rules.map((given, i) => {
    const options: RuleOptions = typeof given === 'string' ? { limit: given } : given
    const rule = compileRule(options, `rules[${i}]`)
    const changed = overrides.flatMap(({ rules: changes }, j): Variant[] => {
      if (!Object.hasOwn(changes, rule.name)) return []
      const where = `overrides[${j}]`
      return [{ where, rule: compileRule({ ...options, ...changes[rule.name], name: rule.name }, where) }]
    })
    return [{ where: '', rule }, ...changed]
  })
}
