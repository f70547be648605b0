import { show, wrong } from '../core/errors.ts'
import type { OverrideOptions } from '../core/policy-options.ts'
import { type Algorithms, compileRule, type Rule, type RuleOptions, ruleFields } from '../core/rule.ts'
import { checkFields, checkList, checkRuleNames, isRecord } from '../core/validate.ts'
import { compileMatch, type Matcher } from './matcher.ts'
import { uniqueByName } from './unique-by-name.ts'

/** Most rules of one policy. */
export const RULES_MAX = 32

/** Rules of a policy, each as options and compiled, in the same order. */
export interface RuleSet {
  /** With default names filled in, and the changes of an override applied. */
  readonly ruleOptions: readonly RuleOptions[]
  readonly rules: readonly Rule[]
}

/** Fields that an override can change: the name is what it finds the rule by. */
const changeableFields = ruleFields.filter((field) => field !== 'name')

/** Compiles the rules of one policy, whose names must differ. */
export function compileRules(given: unknown, path: string, custom: Algorithms): RuleSet {
  checkList(given, { max: RULES_MAX, what: 'rules' }, path)
  const list = given as readonly (RuleOptions | string)[]
  const rules = list.map((rule, i) => compileRule(rule, `${path}[${i}]`, { algorithms: custom }))
  uniqueByName(rules, 'rules', (i) => `${path}[${i}]`)
  const ruleOptions = rules.map(({ name }, i) => ({ ...optionsOf(list[i] as RuleOptions | string), name }))
  return { ruleOptions, rules }
}

/** Compiles the rules of a policy with the changes of one override. */
export function compileOverride(
  override: OverrideOptions,
  base: RuleSet,
  { path, custom }: { readonly path: string; readonly custom: Algorithms },
): RuleSet & { readonly matcher: Matcher } {
  checkFields(override, ['match', 'rules'], path)
  const matcher = compileMatch(override.match, `${path}.match`)
  const names = base.rules.map(({ name }) => name)
  checkRuleNames(override.rules, names, `${path}.rules`)
  const ruleOptions = base.ruleOptions.map((rule, i): RuleOptions => {
    const name = names[i] as string
    const changes = Object.hasOwn(override.rules, name) ? override.rules[name] : undefined
    return changes === undefined ? rule : { ...rule, ...checkChanges(changes, `${path}.rules.${name}`), name }
  })
  // A rule that the override does not name stays the same object.
  const rules = ruleOptions.map((rule, i) =>
    rule === base.ruleOptions[i]
      ? (base.rules[i] as Rule)
      : compileRule(rule, `${path}.rules.${rule.name}`, { algorithms: custom }),
  )
  return { matcher, ruleOptions, rules }
}

/** A rule with changes, whose state has a name of its own. */
export function changedRule(
  rule: RuleOptions,
  changes: unknown,
  {
    path,
    custom,
    stateName,
  }: { readonly path: string; readonly custom: Algorithms; readonly stateName: string },
): Rule {
  return compileRule({ ...rule, ...checkChanges(changes, path) }, path, { algorithms: custom, stateName })
}

function optionsOf(rule: RuleOptions | string): RuleOptions {
  return typeof rule === 'string' ? { limit: rule } : rule
}

function checkChanges(changes: unknown, path: string): Partial<RuleOptions> {
  if (!isRecord(changes)) {
    const rate = typeof changes === 'string' ? show(changes) : '…'
    throw wrong(changes, `is not an object of changes to a rule; write { limit: ${rate} }`, path)
  }
  checkFields(changes, changeableFields, path)
  return changes
}
