import { type CrowdedRule, crowdedRule } from '../core/crowded-rule.ts'
import { WINDOWS_MAX } from '../core/state-identity.ts'
import { warn } from '../core/warn.ts'
import type { Policy } from './compile-policy.ts'
import type { Matcher } from './matcher.ts'

/** Policies warned of: each once per process, and at most 100, so that generated names cannot flood the log. */
const warned = new Set<string>()
const WARNED_MAX = 100

/**
 * Warns of a policy whose overrides give one rule more windows (for a bucket: rates) than a key holds. The one spent from
 * longest ago is then forgotten, so a client that can choose its override can choose a fresh budget.
 */
export function warnOfTooManyWindows(policy: Policy): void {
  if (warned.has(policy.name) || warned.size >= WARNED_MAX) return
  const crowded = crowdedRuleOf(policy)
  if (crowded === undefined) return
  warned.add(policy.name)
  const what = `Policy ${policy.name} has more than ${WINDOWS_MAX} windows or rates of its rule ${crowded.name}`
  warn(
    'HEADGATE_TOO_MANY_WINDOWS',
    `${what}; a key holds ${WINDOWS_MAX}, and forgets the one spent from longest ago; use fewer`,
  )
}

/**
 * The first rule of which one key could hold too many windows; undefined where there is none. Overrides that match on a
 * part of the key are left out: a key never has more than one of those.
 */
export function crowdedRuleOf({ rules, overrides, keyParts }: Policy): CrowdedRule | undefined {
  const ofAnyKey = overrides.filter(({ matcher }) => !keyParts.some((part) => isConditionOf(matcher, part)))
  return crowdedRule([rules, ...ofAnyKey.map((override) => override.rules)].flat())
}

function isConditionOf({ conditions }: Matcher, attribute: string): boolean {
  return conditions.some((condition) => condition.attribute === attribute)
}
