import { invalid } from '../core/errors.ts'
import type { PolicyOptions } from '../core/policy-options.ts'
import { isSameData } from '../core/same-data.ts'
import { foldList, foldPolicy } from '../policies/fold-policy.ts'
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
