import { type Budget, budgetOf } from '../core/budget.ts'
import { parseDuration } from '../core/duration.ts'
import { HeadgateError, invalid, show, wrong } from '../core/errors.ts'
import { encodeKey, fallbackKey, GLOBAL_KEY } from '../core/key.ts'
import { checkOnStoreError, type Origin, type OverrideOptions, type PolicyOptions } from '../core/policy.ts'
import { type Algorithms, checkName, compileRule, type Rule, type RuleOptions } from '../core/rule.ts'
import { checkFields, isWhole, suggest } from '../core/validate.ts'
import { compileMatch, type Matcher, type Request } from './matcher.ts'

/** Most rules of one policy. */
const RULES_MAX = 32

/** Budgets that one policy can hand out: its own, and one for every override. */
export interface PolicyBudget extends Budget {
  readonly origin: Origin
}

/** A compiled policy. */
export interface Policy {
  readonly name: string
  readonly options: PolicyOptions
  readonly matcher: Matcher
  readonly choose: { readonly group: string; readonly priority: number } | null
  readonly budget: PolicyBudget
  readonly overrides: readonly { readonly matcher: Matcher; readonly budget: PolicyBudget }[]
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

/** What policies of one limiter can name. */
export interface Known {
  /** Custom algorithms. */
  readonly custom: Algorithms
  /** Stores, where there are several. */
  readonly stores?: readonly string[] | undefined
}

/** Compiles one policy; mistakes name their `path`. */
export function compilePolicy(options: PolicyOptions, path: string, { custom, stores }: Known): Policy {
  checkFields(options, fields, path)
  const name = checkName(options.name, `${path}.name`)
  if (options.mode !== undefined && options.mode !== 'enforce' && options.mode !== 'off') {
    throw wrong(options.mode, 'is not a mode; use enforce or off', `${path}.mode`)
  }
  checkOnStoreError(options.onStoreError, `${path}.onStoreError`)
  compileLease(options.lease, `${path}.lease`)
  checkStore(options.store, stores, `${path}.store`)
  const rules = compileRules(options.rules, `${path}.rules`, custom)
  return {
    name,
    options,
    matcher: compileMatch(options.match, `${path}.match`),
    choose: compileChoose(options.choose, `${path}.choose`),
    budget: policyBudget(options, rules),
    overrides: listOf(options.overrides, `${path}.overrides`).map((override, i) => {
      const where = `${path}.overrides[${i}]`
      checkFields(override, ['match', 'rules'], where)
      return {
        matcher: compileMatch(override.match, `${where}.match`),
        budget: policyBudget(options, overridden(options, rules, override, `${where}.rules`, custom), i),
      }
    }),
    keyParts: compileKey(options.key, `${path}.key`),
  }
}

/** The budget of compiled rules, with what a receipt finds it by. */
export function policyBudget(
  { name, onStoreError, store, lease }: PolicyOptions,
  rules: readonly Rule[],
  override = -1,
  limit: Origin['limit'] = [],
): PolicyBudget {
  return {
    ...budgetOf(name, rules),
    onStoreError,
    store,
    lease: compileLease(lease, 'lease'),
    origin: { override, limit },
  }
}

/** Things of one list by name, which must differ. */
export function byName<T extends { readonly name: string }>(
  list: readonly T[],
  what: string,
  path: string,
  field: string,
): Map<string, T> {
  const map = new Map<string, T>()
  list.forEach((one, i) => {
    if (map.has(one.name)) {
      const message = `two ${what} are named ${show(one.name)}; give each a name of its own`
      throw invalid(`${path}[${i}]${field}`, message)
    }
    map.set(one.name, one)
  })
  return map
}

function listOf<T>(given: readonly T[] | undefined, path: string): readonly T[] {
  if (given === undefined || Array.isArray(given)) return given ?? []
  throw wrong(given, 'is not a list', path)
}

/** Compiles the rules of one policy, whose names must differ. */
export function compileRules(given: unknown, path: string, custom: Algorithms): Rule[] {
  if (!Array.isArray(given) || given.length === 0 || given.length > RULES_MAX) {
    throw wrong(given, `is not a list of 1 to ${RULES_MAX} rules`, path)
  }
  const rules = given.map((rule: RuleOptions | string, i) => compileRule(rule, `${path}[${i}]`, custom))
  byName(rules, 'rules', path, '')
  return rules
}

/** The key of a request under a policy; a missing attribute falls back to the client address. */
export function keyOf(policy: Policy, request: Request): string {
  const { keyParts } = policy
  if (keyParts.length === 0) return GLOBAL_KEY
  const parts: string[] = []
  for (const part of keyParts) {
    const text = request.text(part)
    if (text === undefined) return missing(policy, part, request)
    parts.push(text)
  }
  return encodeKey(parts)
}

function missing(policy: Policy, attribute: string, request: Request): string {
  const ip = request.text('ip')
  if (ip !== undefined) return fallbackKey(ip)
  const fix =
    attribute === 'key' ? 'pass a text, or give the policy a key' : 'pass it, or an ip to fall back to'
  throw new HeadgateError(
    'invalid-key',
    `policy ${policy.name} needs the attribute ${show(attribute)}; ${fix}`,
  )
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
  const { max, lifetime = '200ms' } = lease
  if (!isWhole(max, 1))
    throw wrong(max, 'is not a number of units; use a whole number of 1 or more', `${path}.max`)
  return { max, lifetimeUs: parseDuration(lifetime, `${path}.lifetime`) * 1000 }
}

function checkStore(store: unknown, names: readonly string[] | undefined, path: string): void {
  if (store === undefined || names?.includes(store as string)) return
  const fix = names ? suggest(String(store), names) : '; name it with namedStores'
  throw wrong(store, `is not a store${fix}`, path)
}

function compileChoose(choose: PolicyOptions['choose'], path: string): Policy['choose'] {
  if (choose === undefined) return null
  checkFields(choose, ['group', 'priority'], path)
  checkName(choose.group, `${path}.group`)
  if (Number.isSafeInteger(choose.priority)) return choose
  throw wrong(choose.priority, 'is not a whole number', `${path}.priority`)
}

/** The rules of a policy under an override, compiled anew; `rules` are those without it. */
function overridden(
  options: PolicyOptions,
  rules: readonly Rule[],
  override: OverrideOptions,
  path: string,
  custom: Algorithms,
): Rule[] {
  const names = rules.map(({ name }) => name)
  checkFields(override.rules, names, path, 'rule')
  return options.rules.map((rule, i) => {
    const name = names[i] as string
    const full: RuleOptions = typeof rule === 'string' ? { limit: rule } : rule
    const changes = Object.hasOwn(override.rules, name) ? override.rules[name] : {}
    return compileRule({ ...full, ...changes, name }, `${path}.${name}`, custom)
  })
}
