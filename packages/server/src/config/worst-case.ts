import { type PolicyOptions, parseDuration } from 'headgate'
import { compileRule, type Rule } from 'headgate/store'

/** What each rule admits at worst, one sentence a rule, as guarantee G1 has it, or G8 with leases. */
export function worstCases(policies: readonly PolicyOptions[]): string[] {
  return policies.flatMap((policy) => {
    const name = policy.mode === 'off' ? `${policy.name} (off)` : policy.name
    const rules = policy.rules.map((rule, i) => compileRule(rule, `rules[${i}]`))
    if (rules.some(({ denies }) => denies)) return [`${name}: denies everything`]
    return rules.map((rule) => `${name}/${rule.name}: ${worstCase(rule, policy)}`)
  })
}

/** What one rule of a policy admits at worst, with what leases add. */
export function worstCase({ algorithm, terms, ...rule }: Rule, { lease }: PolicyOptions): string {
  if (rule.denies) return 'denies everything'
  const leaseMs = lease === undefined ? 0 : parseDuration(lease.lifetime ?? '200ms', 'lease.lifetime')
  const sentence = algorithm.worstCase(terms, { ...rule, leaseMs })
  return leaseMs === 0 ? sentence : `${sentence}, with leases of ${seconds(leaseMs)}`
}

function seconds(ms: number): string {
  return `${Number((ms / 1000).toPrecision(12))} s`
}
