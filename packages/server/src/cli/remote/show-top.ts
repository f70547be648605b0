import type { TopKey, TopKeys } from '../../service/observe/top-keys-view.ts'
import { CommandFailure, EXIT } from '../exit.ts'
import { ask, type Fields } from './ask.ts'
import { queryText } from './ask-denials.ts'
import type { Connection } from './connection-of.ts'
import { durationText } from './duration-text.ts'
import { jsonText, printable } from './printable.ts'
import { refusal } from './service-failures.ts'
import { tableText } from './table-text.ts'
import type { Terminal } from './terminal.ts'

/** What is shown, and how often. */
export interface TopOptions {
  readonly by?: string | undefined
  readonly policy?: string | undefined
  readonly count?: string | undefined
  readonly json: boolean
  /** Whether it is shown once, and not again and again. */
  readonly once: boolean
  readonly everyMs: number
}

/** To the first column of the first line, and empties what is below. */
const CLEAR = '\x1b[H\x1b[J'

/** Runs `headgate top`: the keys that ask most, on a terminal again and again until Ctrl-C. */
export async function showTop(
  connection: Connection,
  options: TopOptions,
  terminal: Terminal,
): Promise<number> {
  if (options.once || options.json || !terminal.isTTY) {
    const answer = await askTop(connection, options)
    const text = options.json ? jsonText(answer, 2) : topLines(answer as unknown as TopKeys).join('\n')
    terminal.write(`${text}\n`)
    return EXIT.done
  }
  const { signal, rows } = terminal
  while (!signal.aborted) {
    const lines = await askTop(connection, options).then(
      (answer) => topLines(answer as unknown as TopKeys),
      // A service that restarts is back at one of the next turns.
      (reason: unknown) => [unansweredLine(reason)],
    )
    terminal.write(`${CLEAR}${lines.slice(0, rows - 1).join('\n')}\n`)
    await terminal.sleep(options.everyMs)
  }
  return EXIT.done
}

async function askTop(connection: Connection, { by, policy, count }: TopOptions): Promise<Fields> {
  const path = `/v1/top${queryText({ by, policy, count })}`
  const answer = await ask(connection, { method: 'GET', path })
  if (Array.isArray(answer['keys'])) return answer
  throw refusal(connection, 200, null)
}

function topLines({ by, window, total, sampledOneIn, keys }: TopKeys): string[] {
  const over = durationText(Math.max(0, window.to - window.from))
  const sampled = sampledOneIn > 1 ? `, estimated from one in ${sampledOneIn}` : ''
  const head = `${printable(by)} of the last ${over}: ${whole(total)} in all${sampled}`
  if (keys.length === 0) return [head]
  const rows = keys.map((one) => [countText(one), share(one.count, total), one.policy, one.key])
  return [head, '', ...tableText([by.toUpperCase(), 'SHARE', 'POLICY', 'KEY'], rows)]
}

/** The count, or between what it is where it is not known for sure. An older service tells no `margin`. */
function countText({ count, error, margin = 0 }: Counted): number | string {
  const [least, most] = [Math.max(0, whole(count - error)), whole(count + margin)]
  return least === most ? most : `${least}–${most}`
}

type Counted = Pick<TopKey, 'count' | 'error'> & Partial<Pick<TopKey, 'margin'>>

function whole(count: number): number {
  return Math.round(count)
}

function share(count: number, total: number): string {
  return total === 0 ? '-' : `${Math.round((count / total) * 100)} %`
}

/** Only what the next turn may mend is a line; everything else ends the command. */
function unansweredLine(reason: unknown): string {
  if (reason instanceof CommandFailure && reason.exitCode === EXIT.unanswered) return reason.message
  throw reason
}
