import { loadConfig } from '../config/config.ts'
import type { Environment } from '../config/source/read-variables.ts'
import { runReplay } from '../replay/run-replay.ts'
import { CommandFailure, EXIT } from './exit.ts'
import { print } from './print.ts'
import { jsonText } from './remote/printable.ts'
import { replayLines } from './replay-lines.ts'
import { type ReplayTyped, readReplayOptions } from './replay-options.ts'
import { ReplayProgress } from './replay-progress.ts'
import { checkReportFile, type ReportFile, writeReport } from './write-report.ts'

/** Runs `headgate replay`; returns the exit code. */
export async function replay(logs: readonly string[], typed: ReplayTyped, env: Environment): Promise<number> {
  const { config, against, json = false } = typed
  const page = reportFileOf(logs, typed)
  const options = readReplayOptions(typed)
  const configuration = await loadConfig(config, { env })
  const old = against === undefined ? null : await loadConfig(against, { env })
  if (page !== null) checkReportFile(page)
  using progress = new ReplayProgress(process.stderr)
  const report = await runReplay({
    ...options,
    logs,
    configuration,
    against: old,
    onPass: (pass) => progress.begin(pass),
  })
  progress.end()
  const { lines, unreadable, examples } = report.read
  if (lines === unreadable) {
    const [first] = examples
    const why = first === undefined ? 'there is none' : `${first.file}:${first.line}: ${first.message}`
    throw new CommandFailure(EXIT.failed, `No line could be played; ${why}`)
  }
  const named = { ...report, files: { config, against: against ?? null } }
  if (page !== null) writeReport(page, named)
  print(json ? `${jsonText(named, 2)}\n` : `${replayLines(named).join('\n')}\n`)
  return report.read.cutOff.length > 0 ? EXIT.failed : EXIT.done
}

function reportFileOf(
  logs: readonly string[],
  { config, against, html, force = false }: ReplayTyped,
): ReportFile | null {
  if (html === undefined) return null
  return { file: html, inputs: [...logs, config, ...(against === undefined ? [] : [against])], force }
}
