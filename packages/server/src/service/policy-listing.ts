import type { AccessList, DescriptorMatch, Match, OverrideOptions, PolicyOptions } from 'headgate'
import type { Configuration, NotInForce, Rejection, RuntimeState } from './configuration.ts'

/** How many values an attribute has where they may be secrets, such as API keys. */
export interface HiddenValues {
  readonly values: number
}

/** A match as every interface shows it: paths and methods as they are, of other attributes how many values. */
export type ListedMatch = {
  readonly [attribute: string]: Match[string] | HiddenValues | readonly ListedEntry[]
}

/** An entry of a descriptor: its key, and how many values it may have. */
export type ListedEntry = string | { readonly [key: string]: HiddenValues }

/** A policy as every interface shows it. */
export interface ListedPolicy extends Omit<PolicyOptions, 'match' | 'overrides'> {
  readonly match?: ListedMatch
  readonly overrides?: readonly (Omit<OverrideOptions, 'match'> & { readonly match: ListedMatch })[]
}

/** An access list as every interface shows it: number of values by attribute, or matches. */
export type ListedAccess = Readonly<Record<string, number>> | readonly ListedMatch[]

/** The configuration in force, as every interface shows it. */
export interface PolicyListing {
  readonly hash: string
  readonly policies: readonly ListedPolicy[]
  readonly allow: ListedAccess
  readonly deny: ListedAccess
  readonly notInForce: readonly NotInForce[]
  /** Why another configuration is not in force; null while none was rejected since. */
  readonly rejected: Rejection | null
  /** What was changed at run time; absent where that is not known. */
  readonly runtime?: RuntimeState
}

const READABLE: readonly string[] = ['path', 'method']

/** Lists a configuration without the values by which it tells people apart. */
export function listPolicies(configuration: Configuration, rejected: Rejection | null): PolicyListing {
  const { hash, policies, allow, deny, notInForce, runtime } = configuration
  return {
    hash,
    policies: policies.map(listedPolicy),
    allow: listedAccess(allow),
    deny: listedAccess(deny),
    notInForce,
    rejected,
    ...(runtime && { runtime }),
  }
}

/** A policy without the values by which it tells people apart. */
export function listedPolicy({ match, overrides, ...policy }: PolicyOptions): ListedPolicy {
  return {
    ...policy,
    ...(match && { match: hidden(match) }),
    ...(overrides && { overrides: overrides.map((one) => ({ ...one, match: hidden(one.match) })) }),
  }
}

function hidden(match: Match): ListedMatch {
  const entries = Object.entries(match).map(([name, values]): [string, ListedMatch[string]] => {
    if (name === 'descriptor' && Array.isArray(values)) return [name, values.map(hiddenEntry)]
    return [name, READABLE.includes(name) ? values : hiddenValues(values)]
  })
  return Object.fromEntries(entries)
}

function hiddenEntry(entry: DescriptorMatch | number): ListedEntry {
  if (typeof entry !== 'object') return String(entry)
  return Object.fromEntries(Object.entries(entry).map(([key, values]) => [key, hiddenValues(values)]))
}

function hiddenValues(values: Match[string]): HiddenValues {
  return { values: [values].flat().length }
}

function listedAccess(list: AccessList): ListedAccess {
  if (isMatches(list)) return list.map(hidden)
  return Object.fromEntries(Object.entries(list).map(([name, values]) => [name, [values].flat().length]))
}

function isMatches(list: AccessList): list is readonly Match[] {
  return Array.isArray(list)
}
