import type { PolicyUsage } from '../../service/policy-usage.ts'
import { EXIT } from '../exit.ts'
import { ask } from './ask.ts'
import type { Connection } from './connection-of.ts'
import { durationText } from './duration-text.ts'
import { printable } from './printable.ts'
import { rateText } from './rate-text.ts'
import { refusal } from './service-failures.ts'
import { NOTHING, tableText } from './table-text.ts'
import type { Told } from './terminal.ts'
import type { WhoFields } from './who-from.ts'

/** Runs `headgate usage`: says how all policies stand under the keys of somebody. */
export async function askUsage(
  connection: Connection,
  body: WhoFields & { readonly policy?: string },
): Promise<Told> {
  const answer = await ask(connection, { method: 'POST', path: '/v1/usage', body })
  const policies = answer['policies'] as readonly PolicyUsage[] | undefined
  if (!Array.isArray(policies)) throw refusal(connection, 200, null)
  const rows = policies.flatMap(usageRows)
  const none = policies.length === 0 ? ['no policy has a key that these attributes determine'] : []
  const lines = rows.length === 0 ? none : tableText(HEADINGS, rows)
  return {
    exitCode: EXIT.done,
    lines: [...lines, ...policies.flatMap(blockedLine), ...policies.flatMap(sourceLine)],
    json: answer,
  }
}

const HEADINGS = ['POLICY', 'KEY', 'RULE', 'RATE', 'USED', 'LEFT', 'ALL BACK IN']

function usageRows({ policy, key, rules }: PolicyUsage): (string | number)[][] {
  return rules.map(({ rule, rate, used, remaining, resetAfterMs, isShadow }) => {
    const name = isShadow ? `${rule} (shadow)` : rule
    const reset = resetAfterMs === 0 ? NOTHING : durationText(resetAfterMs)
    return [policy, key, name, rateText(rate), used, remaining, reset]
  })
}

function blockedLine({ policy, key, blockedForMs }: PolicyUsage): string[] {
  if (blockedForMs === null) return []
  return [`${printable(policy)} ${printable(key)}: blocked for ${durationText(blockedForMs)}`]
}

const WITHOUT_STORE: Readonly<Record<string, string>> = {
  fallback: 'is what this instance counted itself',
  open: 'is not known, and all passes',
  closed: 'is not known, and nothing passes',
}

function sourceLine({ policy, key, source }: PolicyUsage): string[] {
  const what = WITHOUT_STORE[source]
  if (what === undefined) return []
  return [`${printable(policy)} ${printable(key)}: the store does not answer; this ${what}`]
}
