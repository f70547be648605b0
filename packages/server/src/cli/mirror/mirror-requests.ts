import { loadConfig } from '../../config/config.ts'
import { timeOfDay } from '../../replay/html/texts.ts'
import { newSeed } from '../../service/record/new-seed.ts'
import { CommandFailure, EXIT } from '../exit.ts'
import { openRecording } from '../record/open-recording.ts'
import type { WantedRequests } from '../record/record-flags.ts'
import type { Connection } from '../remote/connection-of.ts'
import { jsonText } from '../remote/printable.ts'
import type { Terminal } from '../remote/terminal.ts'
import { Mirror } from './mirror.ts'
import { mirrorLine, mirrorReport } from './mirror-view.ts'

/** What is mirrored, and how it is shown. */
export interface MirrorSettings {
  readonly wanted: WantedRequests
  /** Files of configurations. */
  readonly config: string
  readonly against: string | undefined
  readonly only: readonly string[] | undefined
  /** Undefined: until it is told to end. */
  readonly forMs: number | undefined
  readonly everyMs: number
  readonly json: boolean
}

const KEYS_LISTED = 10

/** Runs `headgate mirror`: a line now and then, and the report at its end. */
export async function mirrorRequests(
  connection: Connection,
  settings: MirrorSettings,
  terminal: Terminal,
): Promise<number> {
  const { wanted, config, against, only, forMs, everyMs, json } = settings
  const { env } = terminal
  // Its own, by which it knows what its configurations name.
  const seed = wanted.seed ?? newSeed()
  const mirror = new Mirror({
    configuration: await loadConfig(config, { env }),
    against: against === undefined ? null : await loadConfig(against, { env }),
    only,
    seed,
  })
  const timeUp = forMs === undefined ? [] : [AbortSignal.timeout(forMs)]
  const { parts, close } = await openRecording(
    connection,
    { ...wanted, seed },
    AbortSignal.any([terminal.signal, ...timeUp]),
  )
  const show = (isLast: boolean): void => {
    const view = mirror.view(KEYS_LISTED)
    if (view === null) return
    if (json) terminal.write(`${jsonText({ at: terminal.now(), isLast, ...view })}\n`)
    else terminal.write(`${mirrorLine(timeOfDay(terminal.now()), view)}\n`)
    if (isLast && !json) for (const line of mirrorReport(view)) terminal.write(`${line}\n`)
  }
  const timer = setInterval(() => show(false), everyMs)
  let broken: CommandFailure | null = null
  try {
    for await (const lines of parts) await mirror.take(lines)
  } catch (reason) {
    // What was seen until then is worth its report.
    if (!(reason instanceof CommandFailure)) throw reason
    broken = reason
  } finally {
    clearInterval(timer)
    close()
  }
  await mirror.finish()
  show(true)
  await mirror.close()
  if (broken !== null) throw broken
  return EXIT.done
}
