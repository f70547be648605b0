import type { Match, PolicyOptions } from 'headgate'
import { show } from './unknown-name.ts'

/** What is in a configuration and never acts, as far as that is certain whatever is asked. */
export interface NeverApplies {
  /** As in `policies[3]`. */
  readonly path: string
  readonly message: string
}

/** Policies that a better one of their group always stands before, and overrides that never apply. */
export function neverApplies(policies: readonly PolicyOptions[]): NeverApplies[] {
  return [
    ...policies.flatMap((policy, i) => behindAnother(policy, i, policies)),
    ...policies.flatMap(idleOverrides),
  ]
}

function behindAnother(
  policy: PolicyOptions,
  position: number,
  all: readonly PolicyOptions[],
): NeverApplies[] {
  const { choose, match = {}, mode, name } = policy
  if (choose?.priority === undefined || mode === 'off') return []
  const better = all.find((other, i) => {
    if (other === policy || other.choose?.group !== choose.group) return false
    if (!alwaysDecides(other) || !hasKeyBeside(other, policy)) return false
    const [theirs, ours] = [other.choose.priority ?? 0, choose.priority ?? 0]
    return (theirs > ours || (theirs === ours && i < position)) && covers(other.match ?? {}, match)
  })
  if (better === undefined) return []
  const why = `${better.name} of the group ${show(choose.group)} matches whenever it does, and comes first`
  return [{ path: `policies[${position}]`, message: `policy ${name} never applies: ${why}` }]
}

/** Whether it decides whenever it matches and has a key. */
function alwaysDecides({ mode = 'enforce', rollout = '100%' }: PolicyOptions): boolean {
  return mode === 'enforce' && rollout === '100%'
}

/** Whether `better` has a key for every request that `policy` has one for: else that one decides. */
function hasKeyBeside(better: PolicyOptions, policy: PolicyOptions): boolean {
  if (better.key === 'global') return true
  const { missing = 'ip' } = better
  const others = partsOf(policy)
  const mayLackKey = missing === 'refuse' && (policy.missing ?? 'ip') === 'ip'
  return missing !== 'skip' && !mayLackKey && partsOf(better).every((part) => others.includes(part))
}

/** The attributes that make up its key. */
function partsOf({ key = 'key' }: PolicyOptions): readonly string[] {
  return key === 'global' ? [] : [key].flat()
}

function idleOverrides(
  { name, match = {}, overrides = [] }: PolicyOptions,
  position: number,
): NeverApplies[] {
  return overrides.flatMap((override, i) => {
    const say = (why: string): NeverApplies[] => {
      const where = `overrides[${i}]`
      return [
        {
          path: `policies[${position}].${where}`,
          message: `${where} of policy ${name} never applies: ${why}`,
        },
      ]
    }
    const against = Object.keys(override.match).find((attribute) =>
      excludes(match, override.match, attribute),
    )
    if (against !== undefined) return say(`the policy itself asks for another ${show(against)}`)
    const earlier = overrides.slice(0, i).findIndex((other) => covers(other.match, override.match))
    return earlier < 0 ? [] : say(`overrides[${earlier}] matches whenever it does, and comes first`)
  })
}

/** Whether no request has both: plain values of an attribute, none of which the two share. */
function excludes(a: Match, b: Match, attribute: string): boolean {
  if (attribute === 'descriptor' || attribute === 'ip') return false
  const [ours, theirs] = [valuesOf(a, attribute), valuesOf(b, attribute)]
  if (ours === null || theirs === null || [...ours, ...theirs].some((value) => /[*%]/.test(value)))
    return false
  const plain = (value: string): string =>
    attribute === 'path' ? value.replaceAll(/\/+/g, '/').replace(/\/$/, '') : value
  const known = new Set(ours.map(plain))
  return !theirs.some((value) => known.has(plain(value)))
}

/** Whether every request that `inner` matches is one that `outer` matches; false where that is not certain. */
function covers(outer: Match, inner: Match): boolean {
  return Object.keys(outer).every((attribute) => {
    const [wide, narrow] = [valuesOf(outer, attribute), valuesOf(inner, attribute)]
    if (wide === null || narrow === null) return false
    return narrow.every((value) => wide.some((pattern) => coversValue(attribute, pattern, value)))
  })
}

function coversValue(attribute: string, pattern: string, value: string): boolean {
  if (pattern === value) return true
  if (attribute !== 'path') return pattern === '*' && attribute !== 'ip'
  const prefix = /^([^*%]*)\/\*\*$/.exec(pattern)?.[1]
  return prefix !== undefined && value.startsWith(`${prefix}/`)
}

/** The values of an attribute as texts; null where it has none, or where they are entries of a descriptor. */
function valuesOf(match: Match, attribute: string): string[] | null {
  const values = match[attribute]
  if (values === undefined || attribute === 'descriptor') return null
  return [values].flat().map(String)
}
