import type { PolicyOptions } from 'headgate'
import { compilePolicies } from 'headgate/policies'
import { withoutStore } from './stores.ts'

/** What each rule of all policies admits at worst, one sentence a rule, as guarantee G1 has it, or G8 with leases. */
export function worstCases(policies: readonly PolicyOptions[]): string[] {
  return policies.flatMap(worstCaseOf)
}

/** The same of one policy. */
export function worstCaseOf(policy: PolicyOptions): string[] {
  return compilePolicies([withoutStore(policy)]).flatMap(({ name, rules, shadow }) => {
    const shown = `${name}${standingOf(policy)}`
    const live = rules.some(({ denies }) => denies)
      ? [`${shown}: denies everything`]
      : rules.map((rule) => `${shown}/${rule.name}: ${rule.worstCase}`)
    const bans = banOf(policy).map((sentence) => `${shown}: ${sentence}`)
    return [
      ...live,
      ...bans,
      ...shadow.map((rule) => `${name}/${rule.name} (${shareOf(policy)}): ${rule.worstCase}`),
    ]
  })
}

/** Whether a policy decides at all, and for whom. */
function standingOf({ mode, rollout = EVERYBODY }: PolicyOptions): string {
  if (mode === 'off') return ' (off)'
  if (mode === 'shadow') return ' (in shadow: counts, denies nothing)'
  return Number.parseFloat(rollout) === 100 ? '' : ` (for ${rollout} of the keys, in shadow for the others)`
}

/** For whom a rule in shadow decides. */
function shareOf({ mode, shadow: { rollout = '0%' } = { rules: {} } }: PolicyOptions): string {
  if (mode === 'off') return 'off'
  const decides = mode !== 'shadow' && Number.parseFloat(rollout) > 0
  return decides
    ? `decides for ${rollout} of the keys, counts for the others`
    : 'in shadow: counts, denies nothing'
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

const EVERYBODY = '100%'
