import type { ConditionView, Explanation, PolicyExplanation } from 'headgate'
import { EXIT } from '../exit.ts'
import { ask } from './ask.ts'
import type { DecideFields } from './ask-decision.ts'
import type { Connection } from './connection-of.ts'
import { decisionLines } from './decision-lines.ts'
import { printable } from './printable.ts'
import { readDecision } from './read-decision.ts'
import { refusal } from './service-failures.ts'
import { NOTHING, tableText } from './table-text.ts'
import type { Told } from './terminal.ts'
import type { WhoFields } from './who-from.ts'

/** Runs `headgate explain`: says which policies match and why, and what `consume` would answer. */
export async function explain(connection: Connection, body: WhoFields & DecideFields): Promise<Told> {
  const answer = await ask(connection, { method: 'POST', path: '/v1/explain', body })
  const decision = readDecision(connection, answer['decision'])
  const { listed, policies } = answer as unknown as Explanation
  if (!Array.isArray(policies)) throw refusal(connection, 200, null)
  const lines = [
    ...listedLines(listed),
    ...tableText(['POLICY', 'OUTCOME', 'WHY'], policies.map(policyRow)),
    '',
    ...decisionLines(decision),
  ]
  return { exitCode: EXIT.done, lines, json: answer }
}

function listedLines(listed: Explanation['listed']): string[] {
  if (listed === null) return []
  const why = listed.conditions.map(conditionText).join(', ')
  return [`on the list ${printable(listed.list)}: ${printable(why)}`, '']
}

function policyRow(policy: PolicyExplanation): string[] {
  return [policy.policy, policy.outcome, reasonOf(policy) || NOTHING]
}

function reasonOf({ outcome, conditions, key, cost, choose, override }: PolicyExplanation): string {
  if (outcome === 'unmatched') {
    return conditions
      .filter(({ met }) => !met)
      .map(conditionText)
      .join(', ')
  }
  if (outcome === 'not-chosen') return `group ${choose?.group}: ${choose?.chosen ?? NOTHING} is chosen`
  return [
    ...(key === null ? [] : [`key ${keyText(key)}`]),
    ...(cost === null ? [] : [`cost ${cost}`]),
    ...(override === null ? [] : [`override ${override + 1}`]),
  ].join(', ')
}

function keyText(key: NonNullable<PolicyExplanation['key']>): string {
  const parts = Object.entries(key).map(([name, value]) => `${name}=${value}`)
  return parts.length === 0 ? 'global' : parts.join(' ')
}

function conditionText({ attribute, value, met, wanted, patterns }: ConditionView): string {
  const has = value === null ? `no ${attribute}` : `${attribute} is ${value}`
  if (met) return has
  if (wanted.length === 0) return `${has}, which is none of ${patterns}`
  const rest = patterns > wanted.length ? ` and ${patterns - wanted.length} more` : ''
  return `${has}, wanted ${wanted.join(' or ')}${rest}`
}
