/** Why a request was denied, as a sentence. */
import type { Denial, ListedPolicy } from '../live/admin-answers.ts'
import { shownKeyText } from './key-reach.ts'
import { plural } from './numbers.ts'
import { clockText, spanText } from './times.ts'

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

/** Whose request it was: the key of the policy that denied it, else of any. */
export function denialKey({ policy, keys }: Denial): Denial['keys'][number] | null {
  return keys.find((key) => key.policy === policy) ?? keys[0] ?? null
}

/** Whose request it was, in words. */
export function deniedText(denial: Denial, policies: PolicyTable): string {
  const key = denialKey(denial)
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
    : `Passes again at ${clockText(at + retryAfterMs)}, ${spanText(retryAfterMs)} later.`
}

/** What a rule allows: its rate as it is configured, where it has a name or is the only one without; else its worst case. */
export function limitText(policy: ListedPolicy | undefined, rule: string): string | null {
  if (policy === undefined) return null
  const rules = policy.rules.map((one) => (typeof one === 'string' ? { limit: one } : one))
  const named = rules.find(({ name }) => name === rule)
  const unnamed = rules.filter(({ name }) => name === undefined)
  const found = named ?? (unnamed.length === 1 ? unnamed[0] : undefined)
  if (found !== undefined) {
    const { limit } = found
    return typeof limit === 'string' ? limit : `${limit.limit}/${limit.window}`
  }
  const worst = policy.worstCase?.find((sentence) => sentence.includes(`/${rule}: `))
  return worst?.slice(worst.indexOf(': ') + 2) ?? null
}
