import { checkIpv6Prefix } from '../core/address.ts'
import { wrong } from '../core/errors.ts'
import type { HashedKeys } from '../core/hash-keys.ts'
import { checkOnStoreError } from '../core/on-store-error.ts'
import type { PolicyOptions } from '../core/policy-options.ts'
import { type Algorithms, checkName, type Rule } from '../core/rule.ts'
import { checkFields, suggest } from '../core/validate.ts'
import { type Choice, compileChoose } from './choose.ts'
import { compileAnswer } from './compile-answer.ts'
import { compileOverride, compileRules, type RuleSet } from './compile-rules.ts'
import { compileShadow, type ShadowRules, withShadow } from './compile-shadow.ts'
import { compileMatch, type Matcher } from './matcher.ts'
import { compileBan, compileLease, createPolicyBudget, type PolicyBudget } from './policy-budget.ts'
import { checkPolicyCost } from './policy-cost.ts'
import { ALL_KEYS, type KeyShare, parseShare, type Stage } from './rollout.ts'

/** Rules that a policy applies to a request: its own, or those of an override. */
export interface CompiledVariant extends RuleSet {
  /** The budget where the policy is not in shadow, and its own rules decide. */
  readonly budget: PolicyBudget
  /** The budget at each stage. */
  readonly budgets: Readonly<Record<Stage, PolicyBudget>>
}

/** A compiled policy; the variant in it is that without an override. */
export interface Policy extends CompiledVariant {
  readonly name: string
  /** As the user passed them. */
  readonly options: PolicyOptions
  readonly matcher: Matcher
  readonly choose: Choice | null
  readonly overrides: readonly (CompiledVariant & { readonly matcher: Matcher })[]
  /** Its rules in shadow; null where there are none. */
  readonly shadow: ShadowRules | null
  /** The keys for which it is in force; for the others it is in shadow. */
  readonly rollout: KeyShare
  /** Whether it is in force for any key: otherwise it only counts, and no request may fail on its account. */
  readonly canRefuse: boolean
  /** All its rules, those of overrides and in shadow too. */
  readonly inForce: readonly Rule[]
  /** Names of the attributes that make up its key; empty for `global`. */
  readonly keyParts: readonly string[]
  /** Hashes its keys; null where they stay readable. */
  readonly hashedKeys: HashedKeys | null
}

const fields = [
  'name',
  'match',
  'key',
  'missing',
  'ipv6Prefix',
  'rules',
  'overrides',
  'choose',
  'cost',
  'mode',
  'shadow',
  'rollout',
  'overdraw',
  'onStoreError',
  'store',
  'lease',
  'headers',
  'response',
  'ban',
]

/** What the policies of a limiter can refer to. */
export interface PolicyContext {
  /** Custom algorithms. */
  readonly custom: Algorithms
  /** Names of stores, where there are several. */
  readonly stores?: readonly string[] | undefined
  /** Hashes keys; null or absent where they stay readable. */
  readonly hashedKeys?: HashedKeys | null
}

/** Compiles one policy; a mistake is an error that names its path below `path`. */
export function compilePolicy(
  options: PolicyOptions,
  path: string,
  { custom, stores, hashedKeys = null }: PolicyContext,
): Policy {
  checkFields(options, fields, path)
  const name = checkName(options.name, `${path}.name`)
  if (options.missing !== undefined && !['ip', 'skip', 'refuse'].includes(options.missing)) {
    throw wrong(options.missing, 'is none of ip, skip and refuse', `${path}.missing`)
  }
  if (options.mode !== undefined && !['enforce', 'shadow', 'off'].includes(options.mode)) {
    throw wrong(options.mode, 'is not a mode; use enforce, shadow or off', `${path}.mode`)
  }
  if (options.overdraw !== undefined && typeof options.overdraw !== 'boolean') {
    throw wrong(options.overdraw, 'is not true or false', `${path}.overdraw`)
  }
  if (options.ipv6Prefix !== undefined) checkIpv6Prefix(options.ipv6Prefix, `${path}.ipv6Prefix`)
  const { rollout: givenRollout = '100%' } = options
  const rollout = parseShare(givenRollout, `${path}.rollout`)
  checkOnStoreError(options.onStoreError, `${path}.onStoreError`)
  checkPolicyCost(options.cost, `${path}.cost`)
  compileLease(options.lease, `${path}.lease`)
  compileBan(options.ban, `${path}.ban`)
  checkStore(options.store, stores, `${path}.store`)
  compileAnswer(options, path)
  const base = compileRules(options.rules, `${path}.rules`, custom)
  const overrides = listOf(options.overrides, `${path}.overrides`).map((override, i) =>
    compileOverride(override, base, { path: `${path}.overrides[${i}]`, custom }),
  )
  const shadow = compileShadow(options.shadow, base, { path: `${path}.shadow`, custom })
  const inForce = [...[base, ...overrides].flatMap(({ rules }) => rules), ...(shadow?.rules.values() ?? [])]
  const variantOf = (set: RuleSet, override: number): CompiledVariant => {
    const budgetOf = (isTrial: boolean, enforces: boolean): PolicyBudget => {
      const rules = shadow === null ? set.rules : withShadow(set.rules, base.rules, { shadow, isTrial })
      return createPolicyBudget(options, rules, { inForce, override, limit: [], enforces })
    }
    const budget = budgetOf(false, true)
    const canCount = options.mode === 'shadow' || rollout < ALL_KEYS
    const budgets = {
      live: budget,
      trial: shadow === null ? budget : budgetOf(true, true),
      counted: canCount ? budgetOf(false, false) : budget,
    }
    return { ruleOptions: set.ruleOptions, rules: set.rules, budget, budgets }
  }
  const matcher = compileMatch(options.match, `${path}.match`)
  return {
    name,
    options,
    matcher,
    choose: compileChoose(options.choose, matcher, `${path}.choose`),
    overrides: overrides.map((override, i) => ({ ...variantOf(override, i), matcher: override.matcher })),
    shadow,
    rollout,
    canRefuse: options.mode !== 'shadow' && rollout > 0,
    inForce,
    keyParts: compileKey(options.key, `${path}.key`),
    hashedKeys,
    ...variantOf(base, -1),
  }
}

function listOf<T>(given: readonly T[] | undefined, path: string): readonly T[] {
  if (given === undefined || Array.isArray(given)) return given ?? []
  throw wrong(given, 'is not a list', path)
}

/** The names of the attributes that make up a key; none for `global`. */
export function compileKey(key: PolicyOptions['key'] = 'key', path: string): readonly string[] {
  if (key === 'global') return []
  const parts: readonly unknown[] = [key].flat()
  if (
    parts.length > 0 &&
    parts.length <= 16 &&
    parts.every((part) => typeof part === 'string' && part !== '')
  ) {
    return parts as string[]
  }
  const fix = 'name one attribute, a list of up to 16, or global'
  throw wrong(key, `is not a key; ${fix}`, path)
}

function checkStore(store: unknown, names: readonly string[] | undefined, path: string): void {
  if (store === undefined || names?.includes(store as string)) return
  const fix = names ? suggest(store, names) : '; name it with namedStores'
  throw wrong(store, `is not a store${fix}`, path)
}
