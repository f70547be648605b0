import type { AccessList, Match, OverrideOptions, PolicyOptions } from '../core/policy-options.ts'
import { isRecord } from '../core/validate.ts'

/** A policy whose patterns of paths are in lower case. */
export function foldPolicy(policy: PolicyOptions): PolicyOptions {
  // What is no policy is told by who compiles it.
  if (!isRecord(policy)) return policy
  const { match, overrides } = policy
  return {
    ...policy,
    ...(match !== undefined && { match: foldMatch(match) }),
    ...(Array.isArray(overrides) && {
      overrides: overrides.map((one: OverrideOptions) =>
        isRecord(one) ? { ...one, match: foldMatch(one.match) } : one,
      ),
    }),
  }
}

/** A list whose patterns of paths are in lower case. */
export function foldList(list: AccessList): AccessList {
  return Array.isArray(list) ? list.map(foldMatch) : foldMatch(list as Match)
}

function foldMatch(match: Match): Match {
  if (!isRecord(match) || !Object.hasOwn(match, 'path')) return match
  const { path } = match as { readonly path: unknown }
  const fold = (value: unknown): unknown => (typeof value === 'string' ? value.toLowerCase() : value)
  return { ...match, path: Array.isArray(path) ? path.map(fold) : fold(path) } as Match
}
