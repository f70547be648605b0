import { readParams, report } from '../harness/subject.ts'

/** What this subject is told. */
export interface ReplayedLogParams {
  /** What is done with each line: read, or read and decided. */
  readonly what: 'read' | 'replay'
  /** Text of the configuration. */
  readonly config: string
  readonly isZipped: boolean
  /** Added by the suite, which writes the logs. */
  readonly log?: string
  readonly zipped?: string
}

const { what, config, isZipped, log = '', zipped = '' } = readParams<ReplayedLogParams>()
const built = async (path: string) =>
  import(new URL(`../../../packages/server/dist/${path}`, import.meta.url).href)
const { parseConfig } = await built('config/config.js')
const { Player } = await built('replay/player.js')
const { PlayTogether } = await built('replay/play-together.js')
const { openSource, parserOf } = await built('replay/read/log-source.js')
const { ReadCounts } = await built('replay/read/read-counts.js')
const { replayLogs } = await built('replay/replay-logs.js')

const name = isZipped ? zipped : log
await linesPerSecond()
report(await linesPerSecond())

/** By the time that this process works, and not by that in which it waits for another one. */
async function linesPerSecond(): Promise<number> {
  const source = await openSource(name, {})
  const player = new Player({ configuration: parseConfig(config, 'bench.yaml') })
  const together = new PlayTogether(what === 'replay' ? [player] : [])
  const before = process.cpuUsage()
  const { lines } = await replayLogs({
    sources: [source],
    parserOf: (one: unknown) => parserOf(one, {}, {}),
    counts: new ReadCounts(),
    play: (request: unknown) => together.play(request),
  })
  const { user, system } = process.cpuUsage(before)
  await player.close()
  return lines / ((user + system) / 1e6)
}
