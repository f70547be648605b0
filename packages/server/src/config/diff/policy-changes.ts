import { isDeepStrictEqual } from 'node:util'
import { compilePolicies, type PolicyView } from 'headgate/policies'
import type { FileShape } from '../schema/file-shape.ts'
import type { FilePolicy } from '../schema/policy-shape.ts'
import { withoutStore } from '../stores.ts'
import type { Change } from './change.ts'
import { type ChangedField, changedFields } from './changed-fields.ts'
import {
  fieldEffect,
  isInForce,
  isSameDescriptor,
  type PolicyPair,
  staysInForce,
  withDefault,
} from './field-effect.ts'
import { ruleChanges } from './rule-changes.ts'
import { sayField } from './say-value.ts'

/** A policy as it was written, and what the library makes of it. */
interface Described {
  readonly policy: FilePolicy
  readonly view: PolicyView
}

/** What differs between the policies of two files, which belong together by their names. */
export function policyChanges(before: FileShape, after: FileShape): Change[] {
  const [old, next] = [describe(before), describe(after)]
  return [
    ...[...next].flatMap(([name, one]) => (old.has(name) ? [] : [added(one)])),
    ...[...old].flatMap(([name, one]) => (next.has(name) ? [] : [removed(one)])),
    ...order([...old.keys()], [...next.keys()]),
    ...[...old].flatMap(([name, one]) => changesOf(one, next.get(name))),
  ]
}

function describe({ policies }: FileShape): Map<string, Described> {
  const views = compilePolicies(policies.map((policy) => withoutStore(policy)))
  return new Map(policies.map((policy, i) => [policy.name, { policy, view: views[i] as PolicyView }]))
}

function added({ policy, view }: Described): Change {
  const path = `policies.${policy.name}`
  const rules = view.rules.map((rule) => `${rule.name}: ${rule.worstCase}`).join('; ')
  if (!isInForce(policy)) return { path, effect: 'other', message: `is new, and denies nothing: ${rules}` }
  return { path, effect: 'less', message: `is new, and limits what it matches: ${rules}` }
}

function removed({ policy }: Described): Change {
  const path = `policies.${policy.name}`
  if (!isInForce(policy)) return { path, effect: 'other', message: 'is gone: it denied nothing' }
  const message = 'is gone: what it matched is limited by the other policies only'
  return { path, effect: 'more', message }
}

function order(old: readonly string[], next: readonly string[]): Change[] {
  const [was, is] = [old.filter((name) => next.includes(name)), next.filter((name) => old.includes(name))]
  const moved = was.filter((name, i) => name !== is[i])
  if (moved.length === 0) return []
  const message = `another order, which tells among equals of a choose group: ${moved.join(', ')} moved`
  return [{ path: 'policies', effect: 'other', message }]
}

function changesOf(old: Described, next: Described | undefined): Change[] {
  if (next === undefined) return []
  const path = `policies.${old.policy.name}`
  const { rules: oldRules, overrides: oldOverrides = [], ...was } = old.policy
  const { rules: newRules, overrides: newOverrides = [], ...is } = next.policy
  const policies = { before: old.policy, after: next.policy }
  const ofRules = [
    ...rulesChanges({ path: `${path}.rules`, was: written(oldRules, old), is: written(newRules, next) }),
    ...overridesChanges({ path, oldOverrides, newOverrides, old, next }),
  ]
  return [
    ...changedFields(was, is).map((field) => fieldChange(field, path, policies)),
    ...ofRules.map((change) => asFarAsInForce(change, policies)),
  ]
}

/** Rules that only count, before or after, let nobody pass more or less: that is said of what switches them on or off. */
function asFarAsInForce(change: Change, policies: PolicyPair): Change {
  return staysInForce(policies) || change.effect === 'fresh' ? change : { ...change, effect: 'other' }
}

function fieldChange(field: ChangedField, path: string, policies: PolicyPair): Change {
  const [name = ''] = field.path
  const said = sayField(withDefault(field))
  const why = name === 'key' && isSameDescriptor(policies) ? SAME_ENTRIES : (FRESH.get(name) ?? '')
  const message = `${said}${why}`
  return { path: `${path}.${field.path.join('.')}`, effect: fieldEffect(field, policies), message }
}

/** Why budgets start anew where a field changes. */
const FRESH: ReadonlyMap<string, string> = new Map([
  ['key', ': another key is another budget for everybody'],
  ['store', ': budgets are kept elsewhere then'],
])

/** Of a tree of descriptors and its conversion. */
const SAME_ENTRIES =
  ': both are the entries, so that budgets go on, but for those that share_threshold puts together'

type Written = ReadonlyMap<string, { readonly rule: object; readonly view: PolicyView['rules'][number] }>

/** Rules by their names, as maps. */
function written(rules: FilePolicy['rules'], { view }: Described): Written {
  return new Map(
    view.rules.map((one, i) => {
      const rule = rules[i]
      return [one.name, { rule: typeof rule === 'object' ? rule : { limit: rule }, view: one }]
    }),
  )
}

function rulesChanges({ path, was, is }: { path: string; was: Written; is: Written }): Change[] {
  const names = new Set([...was.keys(), ...is.keys()])
  const changes = [...names].flatMap((name): Change[] => {
    const [before, after] = [was.get(name), is.get(name)]
    const at = `${path}.${name}`
    if (before === undefined)
      return [{ path: at, effect: 'less', message: `is new: ${after?.view.worstCase}` }]
    if (after === undefined)
      return [{ path: at, effect: 'more', message: `is gone: was ${before.view.worstCase}` }]
    const fields = changedFields(before.rule, after.rule)
    return ruleChanges({ path: at, before: before.view, after: after.view, fields })
  })
  if (changes.length > 0 || isDeepStrictEqual([...was.keys()], [...is.keys()])) return changes
  return [{ path, effect: 'other', message: 'another order' }]
}

interface OverridePair {
  readonly path: string
  readonly oldOverrides: NonNullable<FilePolicy['overrides']>
  readonly newOverrides: NonNullable<FilePolicy['overrides']>
  readonly old: Described
  readonly next: Described
}

function overridesChanges({ path, oldOverrides, newOverrides, old, next }: OverridePair): Change[] {
  const length = Math.max(oldOverrides.length, newOverrides.length)
  return Array.from({ length }, (_, i) => i).flatMap((i): Change[] => {
    const [was, is, at] = [oldOverrides[i], newOverrides[i], `${path}.overrides[${i}]`]
    if (was === undefined) return [{ path: at, effect: 'other', message: `is new; ${worst(next, i)}` }]
    if (is === undefined) return [{ path: at, effect: 'other', message: `is gone; was ${worst(old, i)}` }]
    if (isDeepStrictEqual(was.match, is.match)) {
      return next.view.rules.flatMap(({ name }, j) => {
        const [before, after] = [old.view.overrides[i]?.rules[j], next.view.overrides[i]?.rules[j]]
        const fields = changedFields(was.rules[name], is.rules[name])
        if (before === undefined || after === undefined || before.name !== name) {
          return fields.map((field) => ({
            path: `${at}.rules.${name}`,
            effect: 'other',
            message: sayField(field),
          }))
        }
        return ruleChanges({ path: `${at}.rules.${name}`, before, after, fields })
      })
    }
    return changedFields(was, is).map((field) => {
      return { path: `${at}.${field.path.join('.')}`, effect: 'other', message: sayField(field) }
    })
  })
}

function worst({ view }: Described, position: number): string {
  return (view.overrides[position]?.rules ?? []).map((rule) => `${rule.name}: ${rule.worstCase}`).join('; ')
}
