import type { Health } from 'headgate'
import type { EventLoopView } from './event-loop.ts'
import type { RateTotals } from './recent-rates.ts'
import {
  endedStatistics,
  mergeStatistics,
  type RulesOf,
  type StatisticsPart,
  withoutPolicies,
} from './statistics.ts'

/** What a thread has counted and how it is, as plain data. */
export interface ThreadPart {
  readonly statistics: StatisticsPart
  /** Decisions that were made without the store because the thread was late. */
  readonly overloads: number
  readonly heapUsedBytes: number
  /** How it is that decides; null of one that has ended, or decides nothing. */
  readonly deciding: { readonly health: Health; readonly eventLoop: EventLoopView } | null
}

/** All that it decided and failed at. */
export function totalsOf({ statistics: { total, errors } }: ThreadPart): RateTotals {
  const { allowed, denied, shadowDenied } = total
  return { decisions: allowed + denied, denied, shadowDenied, errors }
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

/** The same once policies are no longer there. */
export function forgetPolicies(part: ThreadPart, rulesOf: RulesOf): ThreadPart {
  const { statistics } = part
  return {
    ...part,
    statistics: { ...statistics, policies: withoutPolicies(statistics.policies, rulesOf) },
  }
}
