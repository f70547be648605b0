import { EXIT } from '../exit.ts'
import { ask } from './ask.ts'
import type { Connection } from './connection-of.ts'
import { decisionLines } from './decision-lines.ts'
import { readDecision } from './read-decision.ts'
import type { Told } from './terminal.ts'
import type { WhoFields } from './who-from.ts'

/** What is asked for. */
export interface DecideFields {
  readonly cost?: number
  readonly policy?: string
}

/** Runs `headgate consume` and `peek`: exit code 1 where the request is denied. */
export async function decide(
  verb: 'consume' | 'peek',
  connection: Connection,
  body: WhoFields & DecideFields,
): Promise<Told> {
  const answer = await ask(connection, { method: 'POST', path: `/v1/${verb}`, body })
  const decision = readDecision(connection, answer)
  return {
    exitCode: decision.allowed ? EXIT.done : EXIT.no,
    lines: decisionLines(decision),
    json: answer,
  }
}
