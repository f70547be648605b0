import { spawnSync } from 'node:child_process'
import { readParams, report } from '../harness/subject.ts'

/** What this subject is told; the paths are added by the suite. */
export interface CountedLinesParams {
  readonly isZipped: boolean
  readonly log?: string
  readonly zipped?: string
}

const { isZipped, log = '', zipped = '' } = readParams<CountedLinesParams>()
linesPerSecond()
report(linesPerSecond())

/** What the system needs to look at each byte once: no log is read faster. */
function linesPerSecond(): number {
  const start = performance.now()
  const [command, args] = isZipped
    ? (['sh', ['-c', `gzip -dc '${zipped}' | wc -l`]] as const)
    : (['wc', ['-l', log]] as const)
  const { stdout, status } = spawnSync(command, args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`${command} ended with ${status}`)
  return Number.parseInt(stdout, 10) / ((performance.now() - start) / 1000)
}
