/** What people did to keys and policies, as sentences. */
import type { BudgetName } from '../live/admin-answers.ts'
import type { Happening } from '../live/page-state.ts'
import type { PolicyTable } from './denial-text.ts'
import { shownKeyText } from './key-reach.ts'

const VERBS: Readonly<Record<string, string>> = { reset: 'Reset', block: 'Blocked', unblock: 'Unblocked' }

/** Who did what. */
export function happeningText({ event, data }: Happening, policies: PolicyTable): string {
  const actor = typeof data['actor'] === 'string' ? ` by ${data['actor']}` : ''
  return event === 'change' ? `${keysText(data, policies)}${actor}` : `${policyText(data)}${actor}`
}

function keysText(data: Happening['data'], policies: PolicyTable): string {
  const keys = (data['keys'] ?? []) as readonly BudgetName[]
  const names = new Set(keys.map((key) => shownKeyText(key, policies.get(key.policy))))
  const verb = VERBS[String(data['action'])] ?? String(data['action'])
  const failed = data['outcome'] === undefined || data['outcome'] === 'done' ? '' : ` (${data['outcome']})`
  const where = ((data['policies'] ?? []) as readonly string[]).join(', ')
  return `${verb} ${names.size === 0 ? 'keys' : [...names].join(', ')} in ${where}${failed}`
}

function policyText({ action, name, version }: Happening['data']): string {
  return `Policies at run time: ${action}${name == null ? '' : ` ${name}`}, version ${version}`
}
