/** Why a request was denied, as a sentence. */

import { parseDuration } from 'headgate'
import type { Denial, ListedPolicy, ListedRule } from '../live/admin-answers.ts'
import { deniedBudget } from '../live/group-denials.ts'
import { shownKeyText } from './key-reach.ts'
import { plural } from './numbers.ts'
import { spanText, timeText } from './times.ts'

/** What `reason` of a denial says, in words. */
const REASONS: Readonly<Record<string, string>> = {
  limited: 'limit used up',
  blocked: 'blocked or banned',
  'cost-exceeds-capacity': 'costs more than the limit ever holds',
  'denied-by-policy': 'denied by the configuration',
  'store-unavailable': 'store away, and the policy is closed then',
}

/** A reason in words. */
export function reasonText(reason: string): string {
  return REASONS[reason] ?? reason
}

/** The policies that are in force, by name. */
export type PolicyTable = ReadonlyMap<string, ListedPolicy>

/** Whose request it was, in words. */
export function deniedText(denial: Denial, policies: PolicyTable): string {
  const key = deniedBudget(denial)
  return key === null ? 'somebody' : shownKeyText(key, policies.get(key.policy))
}

/** Which rule denied it, what that admits, and when it passes again. */
export function denialText(denial: Denial, policies: PolicyTable): string {
  return `${causeOf(denial, policies)} ${passesText(denial)}`
}

function causeOf({ policy, rule, reason, cost, source }: Denial, policies: PolicyTable): string {
  const name = policy === null ? null : `${policy}${rule === null ? '' : `/${rule}`}`
  const limit = policy === null || rule === null ? null : limitText(policies.get(policy), rule)
  const shown = limit === null ? name : `${name} (${limit})`
  switch (reason) {
    case 'limited':
      return cost === 1
        ? `${shown} was used up.`
        : `${shown} had less than the ${plural(cost, 'unit')} asked for.`
    case 'blocked':
      return `The key is blocked or banned in ${policy ?? 'a policy'}.`
    case 'cost-exceeds-capacity':
      return `${plural(cost, 'unit')} is more than ${shown} ever holds.`
    case 'denied-by-policy':
      return name === null ? 'It is on the deny list.' : `${shown} denies everything.`
    case 'store-unavailable':
      return `The store did not answer, and ${policy ?? 'the policy'} lets nobody pass then (${source}).`
    default:
      return `${name ?? 'The service'}: ${reasonText(reason)}.`
  }
}

function passesText({ at, retryAfterMs }: Denial): string {
  if (retryAfterMs === null) return 'No wait helps.'
  return retryAfterMs < 1000
    ? `Passed again after ${spanText(retryAfterMs)}.`
    : `Passes again at ${timeText(at + retryAfterMs, at)}, after ${spanText(retryAfterMs)}.`
}

/** The rate of a rule as it is configured; null where the policy that is in force has no such rule. */
export function limitText(policy: ListedPolicy | undefined, name: string): string | null {
  const rules = (policy?.rules ?? []).map((rule) => (typeof rule === 'string' ? { limit: rule } : rule))
  const found = rules.find((rule) => rule.name === name) ?? rules.find((rule) => isNamedByWindow(rule, name))
  if (found === undefined) return null
  const { limit } = found
  return typeof limit === 'string' ? limit : `${limit.limit}/${limit.window}`
}

/** Whether a rule without a name is called by its window: `1m` is `100/min`. */
function isNamedByWindow({ name, limit }: ListedRule, wanted: string): boolean {
  if (name !== undefined) return false
  const window = typeof limit === 'string' ? limit.slice(limit.indexOf('/') + 1) : limit.window
  try {
    return parseDuration(window, '') === parseDuration(wanted, '')
  } catch {
    // Another rule has a name that is no window.
    return false
  }
}
