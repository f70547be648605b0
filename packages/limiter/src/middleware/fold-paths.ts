import { invalid } from '../core/errors.ts'
import type { AccessList, Match, OverrideOptions, PolicyOptions } from '../core/policy-options.ts'
import { isRecord } from '../core/validate.ts'
import type { RateLimitOptions } from './rate-limit-options.ts'

/**
 * Options whose patterns of paths are in lower case, for frameworks whose routers take `/LOGIN` for `/login`: the paths of requests
 * are as well, so that no other spelling gets past a limit. Patterns of a limiter that exists have to be in lower case already.
 */
export function withFoldedPaths<R>(options: RateLimitOptions<R>): RateLimitOptions<R> {
  const { policies, allow, deny, limiter } = options
  for (const { name, match } of limiter?.policies.list() ?? []) refuseUpperCase(name, match)
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

function refuseUpperCase(name: string, match: Match | undefined): void {
  if (match === undefined || JSON.stringify(foldMatch(match)) === JSON.stringify(match)) return
  const why = 'the router of this framework ignores case'
  throw invalid(
    'options.limiter',
    `policy ${name} has a path with upper case, but ${why}; write it in lower case`,
  )
}
