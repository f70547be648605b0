import { EXIT } from '../exit.ts'
import { ask } from './ask.ts'
import type { Connection } from './connection-of.ts'
import { printable } from './printable.ts'
import { refusal } from './service-failures.ts'
import type { Told } from './terminal.ts'
import type { WhoFields } from './who-from.ts'

/** What is done to budgets, and how that is told. */
const DONE = {
  reset: 'forgotten what was spent',
  block: 'blocked',
  unblock: 'unblocked',
} as const

/** A command that changes budgets apart from decisions. */
export type ReachVerb = keyof typeof DONE

/** What is asked for. */
export interface ReachFields {
  readonly policy?: string
  readonly duration?: string
}

/** Runs `headgate reset`, `block` and `unblock`: names the policies that were reached. */
export async function reach(
  verb: ReachVerb,
  connection: Connection,
  body: WhoFields & ReachFields,
): Promise<Told> {
  const answer = await ask(connection, { method: 'POST', path: `/v1/${verb}`, body })
  const { policies } = answer
  if (!Array.isArray(policies)) throw refusal(connection, 200, null)
  const names = policies.map((name) => printable(String(name))).join(', ')
  return { exitCode: EXIT.done, lines: [`${DONE[verb]} under ${names}`], json: answer }
}
