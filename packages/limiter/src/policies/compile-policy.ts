import { type Budget, budgetOf } from '../core/budget.ts'
import { parseDuration } from '../core/duration.ts'
import { invalid, show, wrong } from '../core/errors.ts'
import { checkOnStoreError } from '../core/on-store-error.ts'
import type { OverrideOptions, PolicyOptions } from '../core/policy-options.ts'
import type { ReceiptOrigin } from '../core/receipt.ts'
import {
  type Algorithms,
  checkName,
  compileRule,
  type Rule,
  type RuleOptions,
  ruleFields,
} from '../core/rule.ts'
import { checkFields, isRecord, isWhole, suggest } from '../core/validate.ts'
import { LEASE_LIFETIME } from './describe-rule.ts'
import { compileMatch, type Matcher } from './matcher.ts'

/** Most rules of one policy. */
export const RULES_MAX = 32

/** Budgets that one policy can hand out: its own, one for every override, and those of rates that come with calls. */
export interface PolicyBudget extends Budget {
  /** What its receipts say of it. */
  readonly origin: ReceiptOrigin
}

/** Rules of a policy, as they are written and compiled. */
export interface RuleSet {
  /** With names and, of an override, its changes. */
  readonly written: readonly RuleOptions[]
  readonly rules: readonly Rule[]
}

/** One way in which a policy can be in force. */
export interface PolicyForm extends RuleSet {
  readonly budget: PolicyBudget
}

/** A compiled policy. */
export interface Policy extends PolicyForm {
  readonly name: string
  readonly options: PolicyOptions
  readonly matcher: Matcher
  readonly choose: { readonly group: string; readonly priority: number } | null
  readonly overrides: readonly (PolicyForm & { readonly matcher: Matcher })[]
  /** All its rules, those of overrides too. */
  readonly inForce: readonly Rule[]
  /** Names of the attributes its key is made of; empty for `global`. */
  readonly keyParts: readonly string[]
}

const fields = [
  'name',
  'match',
  'key',
  'rules',
  'overrides',
  'choose',
  'mode',
  'onStoreError',
  'store',
  'lease',
]

const changeable = ruleFields.filter((field) => field !== 'name')

/** What policies of one limiter can name. */
export interface PolicyContext {
  /** Custom algorithms. */
  readonly custom: Algorithms
  /** Stores, where there are several. */
  readonly stores?: readonly string[] | undefined
}

/** Compiles one policy; mistakes name their `path`. */
export function compilePolicy(
  options: PolicyOptions,
  path: string,
  { custom, stores }: PolicyContext,
): Policy {
  checkFields(options, fields, path)
  const name = checkName(options.name, `${path}.name`)
  if (options.mode !== undefined && options.mode !== 'enforce' && options.mode !== 'off') {
    throw wrong(options.mode, 'is not a mode; use enforce or off', `${path}.mode`)
  }
  checkOnStoreError(options.onStoreError, `${path}.onStoreError`)
  compileLease(options.lease, `${path}.lease`)
  checkStore(options.store, stores, `${path}.store`)
  const own = compileRules(options.rules, `${path}.rules`, custom)
  const overrides = listOf(options.overrides, `${path}.overrides`).map((override, i) =>
    compileOverride(override, own, { path: `${path}.overrides[${i}]`, custom }),
  )
  const inForce = [own, ...overrides].flatMap(({ rules }) => rules)
  const formOf = ({ written, rules }: RuleSet, override: number): PolicyForm => ({
    written,
    rules,
    budget: policyBudget(options, rules, { inForce, override, limit: [] }),
  })
  return {
    name,
    options,
    matcher: compileMatch(options.match, `${path}.match`),
    choose: compileChoose(options.choose, `${path}.choose`),
    overrides: overrides.map((one, i) => ({ ...formOf(one, i), matcher: one.matcher })),
    inForce,
    keyParts: compileKey(options.key, `${path}.key`),
    ...formOf(own, -1),
  }
}

/** The budget of compiled rules, with what a receipt finds it by. */
export function policyBudget(
  { name, onStoreError, store, lease }: PolicyOptions,
  rules: readonly Rule[],
  {
    inForce,
    override,
    limit,
  }: Omit<ReceiptOrigin, 'policy' | 'rules'> & { readonly inForce: readonly Rule[] },
): PolicyBudget {
  const budget = budgetOf(name, rules, inForce)
  const identities = budget.rules.map(({ identity }) => identity.text)
  return {
    ...budget,
    onStoreError,
    store,
    lease: compileLease(lease, 'lease'),
    origin: frozen({ policy: name, override, limit, rules: identities }),
  }
}

/** All receipts of a budget share what it says of itself, and nobody may change it through one of them. */
function frozen(origin: ReceiptOrigin): ReceiptOrigin {
  const limit = Object.freeze(
    origin.limit.map((rate) => (typeof rate === 'string' ? rate : Object.freeze({ ...rate }))),
  )
  return Object.freeze({ ...origin, limit, rules: Object.freeze(origin.rules) })
}

/** Things of one list by name, which must differ. */
export function uniqueByName<T extends { readonly name: string }>(
  list: readonly T[],
  what: string,
  pathOf: (position: number) => string,
): Map<string, T> {
  const map = new Map<string, T>()
  list.forEach((one, i) => {
    if (map.has(one.name)) {
      throw invalid(pathOf(i), `two ${what} are named ${show(one.name)}; give each a name of its own`)
    }
    map.set(one.name, one)
  })
  return map
}

/** Compiles the rules of one policy, whose names must differ. */
export function compileRules(given: unknown, path: string, custom: Algorithms): RuleSet {
  if (!Array.isArray(given) || given.length === 0 || given.length > RULES_MAX) {
    throw wrong(given, `is not a list of 1 to ${RULES_MAX} rules`, path)
  }
  const rules = given.map((rule: RuleOptions | string, i) => compileRule(rule, `${path}[${i}]`, custom))
  uniqueByName(rules, 'rules', (i) => `${path}[${i}]`)
  const written = rules.map(({ name }, i) => ({ ...optionsOf(given[i]), name }))
  return { written, rules }
}

function optionsOf(rule: RuleOptions | string): RuleOptions {
  return typeof rule === 'string' ? { limit: rule } : rule
}

function listOf<T>(given: readonly T[] | undefined, path: string): readonly T[] {
  if (given === undefined || Array.isArray(given)) return given ?? []
  throw wrong(given, 'is not a list', path)
}

/** The rules of a policy with an override's changes, compiled anew. */
function compileOverride(
  override: OverrideOptions,
  own: RuleSet,
  { path, custom }: { readonly path: string; readonly custom: Algorithms },
): RuleSet & { readonly matcher: Matcher } {
  checkFields(override, ['match', 'rules'], path)
  const matcher = compileMatch(override.match, `${path}.match`)
  const names = own.rules.map(({ name }) => name)
  checkFields(override.rules, names, `${path}.rules`, 'rule')
  const written = own.written.map((rule, i): RuleOptions => {
    const name = names[i] as string
    const changes = Object.hasOwn(override.rules, name) ? override.rules[name] : undefined
    return changes === undefined ? rule : { ...rule, ...checkChanges(changes, `${path}.rules.${name}`), name }
  })
  const rules = written.map((rule) => compileRule(rule, `${path}.rules.${rule.name}`, custom))
  return { matcher, written, rules }
}

/** The fields of a rule that an override replaces; the name is none of them. */
function checkChanges(changes: unknown, path: string): Partial<RuleOptions> {
  if (!isRecord(changes)) {
    const rate = typeof changes === 'string' ? show(changes) : '…'
    throw wrong(changes, `is not an object of changes to a rule; write { limit: ${rate} }`, path)
  }
  checkFields(changes, changeable, path)
  return changes
}

function compileKey(key: PolicyOptions['key'] = 'key', path: string): readonly string[] {
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

function compileLease(lease: PolicyOptions['lease'], path: string): Budget['lease'] {
  if (lease === undefined) return undefined
  checkFields(lease, ['max', 'lifetime'], path)
  const { max, lifetime = LEASE_LIFETIME } = lease
  if (!isWhole(max, 1))
    throw wrong(max, 'is not a number of units; use a whole number of 1 or more', `${path}.max`)
  return { max, lifetimeUs: parseDuration(lifetime, `${path}.lifetime`) * 1000 }
}

function checkStore(store: unknown, names: readonly string[] | undefined, path: string): void {
  if (store === undefined || names?.includes(store as string)) return
  const fix = names ? suggest(store, names) : '; name it with namedStores'
  throw wrong(store, `is not a store${fix}`, path)
}

function compileChoose(choose: PolicyOptions['choose'], path: string): Policy['choose'] {
  if (choose === undefined) return null
  checkFields(choose, ['group', 'priority'], path)
  checkName(choose.group, `${path}.group`)
  if (Number.isSafeInteger(choose.priority)) return choose
  throw wrong(choose.priority, 'is not a whole number', `${path}.priority`)
}
