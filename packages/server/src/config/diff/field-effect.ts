/** Whom a change of a policy's fields, its rules apart, is good for. */

import { isDeepStrictEqual } from 'node:util'
import { type Duration, parseDuration } from 'headgate'
import { keyAttribute } from '../../service/envoy/limit-domains.ts'
import type { FilePolicy } from '../schema/policy-shape.ts'
import { type Effect, effectOf, opennessOf } from './change.ts'
import type { ChangedField } from './changed-fields.ts'

/** A policy before and after. */
export interface PolicyPair {
  readonly before: FilePolicy
  readonly after: FilePolicy
}

/** What holds where a field is left out. */
const DEFAULTS: Readonly<Record<string, unknown>> = {
  mode: 'enforce',
  missing: 'ip',
  ipv6Prefix: 56,
  rollout: '100%',
  overdraw: false,
  cost: 1,
}

/** From what refuses most of those without a key to what lets them pass. */
const MISSING: readonly unknown[] = ['refuse', 'ip', 'skip']

/** A field of a policy with what holds in place of nothing, where that says more. */
export function withDefault(field: ChangedField): ChangedField {
  const byDefault = field.path.length === 1 ? DEFAULTS[field.path[0] as string] : undefined
  const { before = byDefault, after = byDefault } = field
  return isDeepStrictEqual(before, after) ? field : { ...field, before, after }
}

/** Whether a policy denies anything: else it only counts, or not even that. */
export function isInForce({ mode = 'enforce', rollout }: FilePolicy): boolean {
  return mode === 'enforce' && shareOf(rollout) > 0
}

/** Whether it denies before and after, so that a change of what it denies is one. */
export function staysInForce({ before, after }: PolicyPair): boolean {
  return isInForce(before) && isInForce(after)
}

/** How a policy finds its requests: a tree of descriptors and a policy of ours say that in other words. */
const OF_TREE: readonly string[] = ['match', 'missing', 'choose']

/** Whether a limit of a tree of descriptors becomes a policy of ours, or the other way round. */
function isRewritten({ before, after }: PolicyPair): boolean {
  return isOfTree(before) !== isOfTree(after)
}

function isOfTree({ name, key }: FilePolicy): boolean {
  return key === keyAttribute(name)
}

/** Whether both are keyed by the entries of the descriptor, so that budgets go on. */
export function isSameDescriptor(pair: PolicyPair): boolean {
  return isRewritten(pair) && [pair.before.key, pair.after.key].includes('descriptor')
}

/** Whom a changed field of a policy is good for. */
export function fieldEffect(field: ChangedField, policies: PolicyPair): Effect {
  const [name] = field.path
  const { before, after } = policies
  if (name === 'key' && isSameDescriptor(policies)) return 'other'
  if (name === 'key' || name === 'store') return 'fresh'
  if (isRewritten(policies) && OF_TREE.includes(String(name))) return 'other'
  if (name === 'mode') return effectOf(Number(!isInForce(before)), Number(!isInForce(after)))
  if (name === 'rollout' && [before, after].every(({ mode = 'enforce' }) => mode === 'enforce')) {
    return effectOf(shareOf(after.rollout), shareOf(before.rollout))
  }
  return staysInForce(policies) ? effectInForce(withDefault(field), policies) : 'other'
}

function effectInForce({ path: [name, ...inside], before, after }: ChangedField, pair: PolicyPair): Effect {
  switch (name) {
    case 'onStoreError':
      return effectOf(opennessOf(before), opennessOf(after))
    case 'missing':
      return effectOf(MISSING.indexOf(before), MISSING.indexOf(after))
    case 'ipv6Prefix':
    case 'overdraw':
      return effectOf(Number(before), Number(after))
    case 'cost':
      return typeof before === 'number' && typeof after === 'number' ? effectOf(after, before) : 'other'
    case 'ban':
      return banEffect(pair)
    case 'match':
      return inside.length <= 1 ? matchEffect(before, after, pair) : 'other'
    default:
      return 'other'
  }
}

/** Of bans for a first offence, a second one and so on; the last of a list is for all later ones. */
function banEffect({ before: { ban: was = [] }, after: { ban: is = [] } }: PolicyPair): Effect {
  const lengthOf = (bans: readonly Duration[], offence: number): number =>
    bans.length === 0 ? 0 : parseDuration(bans[Math.min(offence, bans.length - 1)] as Duration, 'ban')
  const offences = Array.from({ length: Math.max(was.length, is.length) }, (_, i) => i)
  const effects = new Set(offences.map((i) => effectOf(lengthOf(is, i), lengthOf(was, i))))
  effects.delete('other')
  const [effect = 'other'] = effects
  return effects.size === 1 ? effect : 'other'
}

/** A condition more is fewer requests that are limited; in a group they may be limited by another policy of it. */
function matchEffect(before: unknown, after: unknown, pair: PolicyPair): Effect {
  if (pair.before.choose !== undefined || pair.after.choose !== undefined) return 'other'
  if (before === undefined) return 'more'
  return after === undefined ? 'less' : 'other'
}

function shareOf(rollout = '100%'): number {
  return Number.parseFloat(rollout)
}
