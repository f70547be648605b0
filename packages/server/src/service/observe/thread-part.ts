import type { Health } from 'headgate'
import type { EventLoopView } from './event-loop.ts'
import { endedStatistics, mergeStatistics, type StatisticsPart } from './statistics.ts'

/** What a thread has counted and how it is, as plain data. */
export interface ThreadPart {
  readonly statistics: StatisticsPart
  /** Decisions that were made without the store because the thread was late. */
  readonly overloads: number
  readonly heapUsedBytes: number
  /** How it is that decides; null of one that has ended, or decides nothing. */
  readonly deciding: { readonly health: Health; readonly eventLoop: EventLoopView } | null
}

/** What stays of threads that have ended: what they counted since the start. */
export function endedThreads(parts: readonly [ThreadPart, ...ThreadPart[]]): ThreadPart {
  return {
    statistics: mergeStatistics(parts.map(({ statistics }) => endedStatistics(statistics))),
    overloads: parts.reduce((sum, { overloads }) => sum + overloads, 0),
    heapUsedBytes: 0,
    deciding: null,
  }
}
