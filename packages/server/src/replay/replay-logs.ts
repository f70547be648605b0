import type { Lost } from '../service/record/gap-counts.ts'
import type { LineParser } from './parse/line-parser.ts'
import type { PlayedRequest } from './played-request.ts'
import type { LogSource } from './read/log-source.ts'
import { mergeRequests } from './read/merge-requests.ts'
import type { ReadCounts, UnreadableLine } from './read/read-counts.ts'
import { readRequests } from './read/read-lines.ts'
import { ReorderWindow } from './read/reorder-window.ts'

/** What was read. */
export interface ReadReport {
  readonly files: readonly { readonly name: string; readonly format: string }[]
  /** Lines with something in them. */
  readonly lines: number
  readonly unreadable: number
  /** The first unreadable ones. */
  readonly examples: readonly UnreadableLine[]
  /** Requests that came out of order by more than 5 s: they were played at the time of the one before. */
  readonly late: number
  /** Requests that recordings say they lack, by the reason. */
  readonly lost: Lost
  /** Names of compressed files whose end was not there: what is before it was played, but for a line without an end. */
  readonly cutOff: readonly string[]
  /** When the first and the last request came, in milliseconds since 1970; null where there is none. */
  readonly from: number | null
  readonly to: number | null
}

/** What is played, and for whom. */
export interface LogsToPlay {
  readonly sources: readonly LogSource[]
  readonly parserOf: (source: LogSource) => LineParser
  readonly counts: ReadCounts
  /** Where it returns a promise, the next request waits for it. */
  readonly play: (request: PlayedRequest) => undefined | Promise<void>
}

/** Plays the requests of logs in the order of their times. */
export async function replayLogs({ sources, parserOf, counts, play }: LogsToPlay): Promise<ReadReport> {
  const logs = sources.map((source) => {
    const { name, chunks, isCutOff } = source
    return readRequests({ name, chunks, parser: parserOf(source), counts, isCutOff })
  })
  const window = new ReorderWindow()
  let [fromUs, toUs] = [Number.NaN, Number.NaN]
  const playAll = async (next: () => PlayedRequest | undefined): Promise<void> => {
    for (let request = next(); request !== undefined; request = next()) {
      if (Number.isNaN(fromUs)) fromUs = request.atUs
      toUs = request.atUs
      const wait = play(request)
      if (wait !== undefined) await wait
    }
  }
  for await (const batch of mergeRequests(logs)) {
    for (let i = 0; i < batch.length; i++) window.add(batch[i] as PlayedRequest)
    await playAll(() => window.take())
  }
  await playAll(() => window.takeLast())
  const { lines, unreadable, examples, gaps } = counts
  return {
    files: sources.map(({ name, format }) => ({ name, format })),
    lines,
    unreadable,
    examples,
    late: window.late,
    lost: gaps.lost,
    cutOff: sources.filter((one) => one.isCutOff()).map(({ name }) => name),
    from: Number.isNaN(fromUs) ? null : fromUs / 1000,
    to: Number.isNaN(toUs) ? null : toUs / 1000,
  }
}

/** What is said of a log whose end is not there. */
export function cutOffText(name: string): string {
  return `${name} is cut off: its compressed data has no end, as where it is still being written; what is before that was played`
}
