import { crowdedRule } from '../core/crowded-rule.ts'
import type { Rule } from '../core/rule.ts'
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
  const crowded = crowdedRule(rulesInTurn(policy))
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

/** Rules that one key could meet in turn; an override for some keys meets no others. */
function rulesInTurn({ budget, overrides, keyParts }: Policy): Rule[] {
  const shared = overrides.filter(
    ({ matcher }) => !keyParts.some((part) => matcher.valuesByAttribute.has(part)),
  )
  return [budget, ...shared.map((one) => one.budget)].flatMap((one) => [...one.rules])
}
