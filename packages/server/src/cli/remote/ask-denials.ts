import type { DenialView } from '../../service/observe/recent-denials.ts'
import { EXIT } from '../exit.ts'
import { ask } from './ask.ts'
import type { Connection } from './connection-of.ts'
import { durationText } from './duration-text.ts'
import { printable } from './printable.ts'
import { refusal } from './service-failures.ts'
import { NOTHING, tableText } from './table-text.ts'
import type { Told } from './terminal.ts'

/** Which denials are wanted. */
export interface DenialsWanted {
  /** That of an answer: this denial alone. */
  readonly id?: string | undefined
  readonly policy?: string | undefined
  readonly limit?: string | undefined
}

const HEADINGS = ['AT', 'POLICY', 'RULE', 'REASON', 'KEY', 'WAIT', 'ID']

/** Runs `headgate denials`: the last of them, newest first, or the one with an id. */
export async function askDenials(connection: Connection, wanted: DenialsWanted): Promise<Told> {
  const { id, policy, limit } = wanted
  if (id !== undefined) {
    const path = `/v1/denials/${encodeURIComponent(id)}`
    const denial = await ask(connection, { method: 'GET', path })
    return {
      exitCode: EXIT.done,
      lines: tableText(HEADINGS, [denialRow(denial as unknown as DenialView)]),
      json: denial,
    }
  }
  const query = queryText({ policy, limit })
  const answer = await ask(connection, { method: 'GET', path: `/v1/denials${query}` })
  const denials = answer['denials'] as readonly DenialView[] | undefined
  if (!Array.isArray(denials)) throw refusal(connection, 200, null)
  const lines =
    denials.length === 0 ? ['nothing was denied here lately'] : tableText(HEADINGS, denials.map(denialRow))
  return { exitCode: EXIT.done, lines, json: answer }
}

/** The query of these parameters, of which some may be left out. */
export function queryText(parameters: Readonly<Record<string, string | undefined>>): string {
  const given = Object.entries(parameters).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  )
  return given.length === 0 ? '' : `?${new URLSearchParams(given)}`
}

function denialRow({ at, policy, rule, reason, keys, retryAfterMs, id }: DenialView): string[] {
  const key = keys.find((one) => one.policy === policy)?.key ?? NOTHING
  const wait = retryAfterMs === null ? 'never' : durationText(retryAfterMs)
  return [timeText(at), policy ?? NOTHING, rule ?? NOTHING, reason, key, wait, id]
}

/** A time of day for people, in UTC, to the second. */
export function timeText(at: number): string {
  return Number.isFinite(at) ? new Date(at).toISOString().slice(11, 19) : printable(String(at))
}
