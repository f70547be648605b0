import type { PolicyOptions, RuleOptions } from 'headgate'
import type { Mistake, Path } from '../config-error.ts'
import { show } from '../unknown-name.ts'
import { type ExactRate, exactRate } from './exact-rate.ts'
import type { LimitrPolicies, LimitrShape } from './limitr-shape.ts'
import { nameOf, type PolicyNames } from './policy-names.ts'

/** A policy made of the limits of a domain and prefix, and where each part of it stands in its file. */
export interface LimitrPolicy {
  readonly policy: PolicyOptions
  readonly originOf: (rest: Path) => Path
}

/** What holds where a file has no default. */
const BUILT_IN: LimitrPolicies = [
  { name: 'per_second', flow_rate_per_second: '10', burst_capacity: 100 },
  { name: 'per_minute', flow_rate_per_second: '1.667', burst_capacity: 1000 },
]

/** Of the policies that match a request one applies: that of its domain and prefix, else the default. */
const GROUP = 'limitr'

/** What is wrong with a file of limitr whose names and types are right; `pairs` are domains and prefixes of other files. */
export function limitrMistakes({ domains }: LimitrShape, pairs: Set<string>): Mistake[] {
  return domains.flatMap(({ domain, prefix }, i): Mistake[] => {
    const pair = JSON.stringify([domain, prefix])
    const isTwice = pairs.has(pair)
    pairs.add(pair)
    const patterns = Object.entries({ domain, prefix }).filter(([, value]) => value.includes('*'))
    return [
      ...(isTwice
        ? [{ path: ['domains', i], message: `${show(domain)} with ${show(prefix)} is there twice; keep one` }]
        : []),
      ...patterns.map(([field, value]) => {
        const message = `${show(value)} has a *, which would be a pattern here; write a policy of ours for it`
        return { path: ['domains', i, field], message }
      }),
    ]
  })
}

/** Makes a policy of each domain and prefix, with its limits as rules, and one of the default. */
export function limitrPolicies(
  { domains, default: fallback }: LimitrShape,
  names: PolicyNames,
): LimitrPolicy[] {
  const own = domains.map(({ domain, prefix, policies }, i): LimitrPolicy => {
    return {
      policy: {
        name: names.give(`${domain}.${prefix}`, [domain, prefix]),
        match: { domain, prefix },
        key: 'key',
        missing: 'refuse',
        rules: rulesOf(policies),
        choose: { group: GROUP, priority: 1 },
      },
      originOf: (rest) => ['domains', i, ...inside(rest)],
    }
  })
  const others: LimitrPolicy = {
    policy: {
      name: names.give('limitr-default', ['default']),
      match: { domain: '*', prefix: '*' },
      key: ['domain', 'prefix', 'key'],
      missing: 'refuse',
      rules: rulesOf(fallback?.policies ?? BUILT_IN),
      choose: { group: GROUP, priority: 0 },
    },
    originOf: (rest) => (fallback === undefined ? [] : ['default', ...inside(rest)]),
  }
  return [...own, others]
}

/** A leaky bucket as a meter is a token bucket. */
function rulesOf(policies: LimitrPolicies): RuleOptions[] {
  return policies.map(({ name, flow_rate_per_second, burst_capacity }) => {
    // The shape has no others.
    const { limit, windowSeconds } = exactRate(flow_rate_per_second) as ExactRate
    const window = windowSeconds === 1 ? 's' : `${windowSeconds}s`
    return {
      name: nameOf(name, [name]),
      algorithm: 'token-bucket',
      limit: `${limit}/${window}`,
      burst: burst_capacity,
    }
  })
}

const FIELDS: Readonly<Record<string, string>> = {
  name: 'name',
  limit: 'flow_rate_per_second',
  burst: 'burst_capacity',
}

/** The path that limitr has for one within a policy of ours. */
function inside([field, position, name]: Path): Path {
  if (field !== 'rules' || typeof position !== 'number') return []
  const written = FIELDS[String(name)]
  return written === undefined ? ['policies', position] : ['policies', position, written]
}
