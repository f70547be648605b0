import type { PolicyOptions } from 'headgate'
import { compilePolicies } from 'headgate/policies'
import { withoutStore } from './stores.ts'

/** What each rule admits at worst, one sentence a rule, as guarantee G1 has it, or G8 with leases. */
export function worstCases(policies: readonly PolicyOptions[]): string[] {
  return compilePolicies(policies.map(withoutStore)).flatMap(({ name, rules }, i) => {
    const shown = policies[i]?.mode === 'off' ? `${name} (off)` : name
    if (rules.some(({ denies }) => denies)) return [`${shown}: denies everything`]
    const sentences = rules.map((rule) => `${shown}/${rule.name}: ${rule.worstCase}`)
    return [...sentences, ...banOf(policies[i]).map((sentence) => `${shown}: ${sentence}`)]
  })
}

/** What a denial has for consequences, in words; nothing where it has none. */
function banOf(policy: PolicyOptions | undefined): string[] {
  if (policy?.ban === undefined) return []
  const [first, ...more] = policy.ban.map(
    (duration) => `${duration}${typeof duration === 'number' ? ' ms' : ''}`,
  )
  const later = more.length === 0 ? '' : `, further ones in a row for ${more.join(', then ')}`
  const lease = policy.lease === undefined ? '' : '; because of the ban it takes no lease'
  return [`the first denial after a spend bans the key for ${first}${later}${lease}`]
}
