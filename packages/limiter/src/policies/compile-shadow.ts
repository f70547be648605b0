import type { PolicyOptions } from '../core/policy-options.ts'
import type { Algorithms, Rule } from '../core/rule.ts'
import { checkFields, checkRuleNames } from '../core/validate.ts'
import { changedRule, type RuleSet } from './compile-rules.ts'
import { type KeyShare, parseShare } from './rollout.ts'

/** The rules that a policy counts in shadow beside those that decide. */
export interface ShadowRules {
  /** By the name of the rule that each is beside; its own name has `~shadow` behind. */
  readonly rules: ReadonlyMap<string, Rule>
  /** The keys for which they decide, and the rules that they are beside count. */
  readonly share: KeyShare
}

const SUFFIX = '~shadow'

/** Compiles `shadow` of a policy: changes to its rules, as an override has them; null where there is none. */
export function compileShadow(
  shadow: PolicyOptions['shadow'],
  base: RuleSet,
  { path, custom }: { readonly path: string; readonly custom: Algorithms },
): ShadowRules | null {
  if (shadow === undefined) return null
  checkFields(shadow, ['rules', 'rollout'], path)
  const { rules, rollout = '0%' } = shadow
  checkRuleNames(
    rules,
    base.rules.map(({ name }) => name),
    `${path}.rules`,
  )
  const compiled = Object.entries(rules).map(([name, changes]): [string, Rule] => {
    const rule = base.ruleOptions.find((one) => one.name === name) ?? { limit: '' }
    const context = { path: `${path}.rules.${name}`, custom, stateName: name + SUFFIX }
    return [name, { ...changedRule({ ...rule, name }, changes, context), name: name + SUFFIX }]
  })
  return { rules: new Map(compiled), share: parseShare(rollout, `${path}.rollout`) }
}

/**
 * The rules of a policy with those in shadow behind them. Rules whose numbers an override or the call brought have none beside
 * them. `isTrial`: the ones in shadow decide, and the rules that they are beside count.
 */
export function withShadow(
  rules: readonly Rule[],
  own: readonly Rule[],
  { shadow, isTrial }: { readonly shadow: ShadowRules; readonly isTrial: boolean },
): Rule[] {
  const beside = rules.flatMap((rule) => {
    const found = own.includes(rule) ? shadow.rules.get(rule.name) : undefined
    return found === undefined ? [] : [{ ...found, shadow: !isTrial }]
  })
  const names = new Set(beside.map(({ name }) => name))
  const live = rules.map((rule) => {
    const isCounted = isTrial && own.includes(rule) && names.has(rule.name + SUFFIX)
    return isCounted ? { ...rule, shadow: true } : rule
  })
  return [...live, ...beside]
}
