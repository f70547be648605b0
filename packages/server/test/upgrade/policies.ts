/** The policies of these tests: budgets of which nothing comes back while a test runs, so that a count is all there is to know. */

/** One policy, and what a count says of it. */
export interface CountedPolicy {
  readonly name: string
  /** As the configuration has it, without its name. */
  readonly yaml: string
  /** Units that each of its rules admits, of a user who is not `vip`. */
  readonly limits: readonly number[]
  /** The same for `vip`, where the policy has other numbers for that one. */
  readonly vip?: readonly number[]
  /** Whether spends are given back in any order: on a bucket they are only in the order in which they were made. */
  readonly refundable: boolean
}

const rule = (name: string, more: string): string => `{ name: ${name}, ${more} }`

export const counted: readonly CountedPolicy[] = [
  {
    name: 'sliding',
    yaml: `rules: [${rule('r', 'limit: 60/year')}]`,
    limits: [60],
    refundable: true,
  },
  {
    name: 'fixed',
    yaml: `rules: [${rule('r', 'algorithm: fixed-window, limit: 40/year')}]`,
    limits: [40],
    refundable: true,
  },
  {
    name: 'calendar',
    yaml: `rules: [${rule('r', 'algorithm: fixed-window, limit: 40/year, align: calendar, timezone: Asia/Tokyo')}]`,
    limits: [40],
    refundable: true,
  },
  {
    name: 'log',
    yaml: `rules: [${rule('r', 'algorithm: sliding-log, limit: 30/year')}]`,
    limits: [30],
    refundable: true,
  },
  {
    name: 'bucket',
    yaml: `rules: [${rule('r', 'algorithm: token-bucket, limit: 50/year, burst: 35')}]`,
    limits: [35],
    refundable: false,
  },
  {
    name: 'gcra',
    yaml: `rules: [${rule('r', 'algorithm: gcra, limit: 50/year')}]`,
    limits: [50],
    refundable: false,
  },
  {
    name: 'windows',
    yaml: `rules: [${rule('a', 'limit: 60/year, segments: 4')}, ${rule('b', 'limit: 45/52w')}, ${rule('c', 'algorithm: fixed-window, limit: 50/year')}]`,
    limits: [60, 45, 50],
    refundable: true,
  },
  {
    name: 'mixed',
    yaml: `rules: [${rule('a', 'algorithm: token-bucket, limit: 90/year, burst: 50')}, ${rule('b', 'limit: 40/year')}, ${rule('c', 'algorithm: sliding-log, limit: 45/year')}]`,
    limits: [50, 40, 45],
    refundable: false,
  },
  {
    name: 'tiers',
    yaml: `rules: [${rule('r', 'limit: 30/year')}]\n    overrides: [{ match: { user: vip }, rules: { r: { limit: 70/year } } }]`,
    limits: [30],
    vip: [70],
    refundable: true,
  },
  {
    name: 'measured',
    yaml: `rules: [${rule('r', 'limit: 50/year')}]\n    shadow: { rules: { r: { limit: 5/year } } }`,
    limits: [50],
    refundable: true,
  },
]

/** What a count alone does not say, each tested by itself. */
const others: readonly Pick<CountedPolicy, 'name' | 'yaml'>[] = [
  { name: 'banning', yaml: `rules: [${rule('r', 'limit: 3/year')}]\n    ban: [1h]` },
  { name: 'leased', yaml: `rules: [${rule('r', 'limit: 400/year')}]\n    lease: { max: 20, lifetime: 30s }` },
]

export const policyNames: readonly string[] = [...counted, ...others].map(({ name }) => name)

/** A configuration of some of the policies. */
export function configurationOf(names: readonly string[]): string {
  const policies = [...counted, ...others].filter(({ name }) => names.includes(name))
  const texts = policies.map(({ name, yaml }) => {
    return `  - name: ${name}\n    match: { path: /${name} }\n    key: user\n    ${yaml}\n`
  })
  // A busy machine is no store that fails.
  return `version: 1\nstore: { url: memory, deadline: 20s }\npolicies:\n${texts.join('')}`
}
