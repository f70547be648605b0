import { invalid } from '../core/errors.ts'
import type { AccessList, Match, OverrideOptions, PolicyOptions } from '../core/policy-options.ts'
import { isSameData } from '../core/same-data.ts'
import { isRecord } from '../core/validate.ts'
import type { RateLimitOptions } from './rate-limit-options.ts'

/**
 * Options whose patterns of paths are in lower case, for frameworks whose routers take `/LOGIN` for `/login`: the paths of requests
 * are as well, so that no other spelling gets past a limit.
 */
export function withFoldedPaths<R>(options: RateLimitOptions<R>): RateLimitOptions<R> {
  const { policies, allow, deny } = options
  return {
    ...options,
    ...(Array.isArray(policies) && { policies: policies.map(foldPolicy) }),
    ...(allow !== undefined && { allow: foldList(allow) }),
    ...(deny !== undefined && { deny: foldList(deny) }),
  }
}

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

/** Refuses policies of a limiter that exists whose patterns of paths are not in lower case: nobody else may change them. */
export function refuseUpperCase(policies: readonly PolicyOptions[]): void {
  const wrong = policies.find((policy) => !isSameData(foldPolicy(policy), policy))
  if (wrong === undefined) return
  const why = 'the router of this framework ignores case'
  throw invalid(
    'options.limiter',
    `policy ${wrong.name} has a path with upper case, but ${why}; write it in lower case`,
  )
}
