import { type CrowdedRule, crowdedRule } from '../core/crowded-rule.ts'
import { WINDOWS_MAX } from '../core/state-identity.ts'
import type { Policy } from './compile-policy.ts'

/** Policies that were warned of: once each in a process, and not for ever new names. */
const warned = new Set<string>()
const WARNED_MAX = 100

/**
 * Warns of a policy whose overrides have more windows (bucket rates) of one rule than a key holds: what was spent from
 * longest ago is forgotten, so that whoever chooses the override chooses a fresh budget.
 */
export function warnOfWindows(policy: Policy): void {
  if (warned.has(policy.name) || warned.size >= WARNED_MAX) return
  const crowded = crowdedRuleOf(policy)
  if (crowded === undefined) return
  warned.add(policy.name)
  const what = `Policy ${policy.name} has more than ${WINDOWS_MAX} windows or rates of its rule ${crowded.name}`
  process.emitWarning(
    `${what}; a key holds ${WINDOWS_MAX}, and forgets the one spent from longest ago; use fewer`,
    {
      type: 'HeadgateWarning',
      code: 'HEADGATE_TOO_MANY_WINDOWS',
      detail: 'docs/guide/tiers.md',
    },
  )
}

/** The first rule of which one key could hold too many windows: an override for some keys alone meets no others there. */
export function crowdedRuleOf({ rules, overrides, keyParts }: Policy): CrowdedRule | undefined {
  const shared = overrides.filter(
    ({ matcher }) => !keyParts.some((part) => matcher.valuesByAttribute.has(part)),
  )
  return crowdedRule([rules, ...shared.map((one) => one.rules)].flat())
}
