import type { PolicyOptions } from 'headgate'
import { compilePolicies } from 'headgate/policies'
import { withoutStore } from './stores.ts'

/** What each rule admits at worst, one sentence a rule, as guarantee G1 has it, or G8 with leases. */
export function worstCases(policies: readonly PolicyOptions[]): string[] {
  return compilePolicies(policies.map(withoutStore)).flatMap(({ name, rules }, i) => {
    const shown = policies[i]?.mode === 'off' ? `${name} (off)` : name
    if (rules.some(({ denies }) => denies)) return [`${shown}: denies everything`]
    return rules.map((rule) => `${shown}/${rule.name}: ${rule.worstCase}`)
  })
}
