import type { AccessList, Match, PolicyOptions } from '../core/policy-options.ts'
import { isRecord } from '../core/validate.ts'
import { compileKey } from './compile-policy.ts'

/**
 * Names of the attributes that a policy asks a request for: by `match`, by that of its overrides, by `key` and by `cost`. Where an
 * address stands in for a `key` that is missing, `ip` is one of them.
 *
 * `{ name: 'p', match: { path: '/v2/**' }, key: 'user', rules: ['9/s'] }` asks for `path`, `user` and `ip`.
 */
export function policyAttributes(policy: PolicyOptions): Set<string> {
  const { match = {}, overrides = [], key, cost, missing = 'ip' } = policy
  const keys = compileKey(key, 'key')
  const names = [match, ...overrides.map((one) => one.match)].flatMap((one) => Object.keys(one))
  if (typeof cost === 'string') names.push(cost)
  return new Set([...names, ...keys, ...(missing === 'ip' && keys.length > 0 ? ['ip'] : [])])
}

/** Names of the attributes that a list asks a request for. */
export function listAttributes(list: AccessList): Set<string> {
  const matches: readonly Match[] = Array.isArray(list) ? list : [list as Match]
  return new Set(matches.flatMap((match) => (isRecord(match) ? Object.keys(match) : [])))
}
