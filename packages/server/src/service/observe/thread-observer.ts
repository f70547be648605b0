import type { PolicyOptions } from 'headgate'
import { ruleNames } from '../rule-names.ts'
import type { Service } from '../service.ts'
import { BudgetsOf } from './budgets-of.ts'
import { EventLoopWatch } from './event-loop.ts'
import { type KeptDenial, RecentDenials } from './recent-denials.ts'
import type { RateTotals } from './recent-rates.ts'
import { StatisticsBook } from './statistics.ts'
import { tellDenial, tellRequests } from './tell-watchers.ts'
import type { ThreadPart } from './thread-part.ts'
import { TopKeyBook, type TopPart, type TopQuery } from './top-keys.ts'
import { Watchers } from './watchers.ts'

/** What one thread has seen of its service, and keeps in bounded memory: plain data, for whoever shows it. */
export interface ThreadObserver {
  readonly budgets: BudgetsOf
  /** Who watches, and is told of what happens in this thread. */
  readonly watchers: Watchers
  part(): ThreadPart
  totals(): RateTotals
  /** Newest first. */
  denials(): KeptDenial[]
  /** Of each policy the heaviest `most` keys. */
  top(query: TopRanking, most: number): TopPart[]
  /** A second has passed. */
  tick(): void
  /** Ends it. */
  close(): void
}

/** Which ranking, and of which policy; of all where none is named. */
export type TopRanking = Pick<TopQuery, 'by' | 'policy'>

/** Where a thread gets time and chance from. */
export interface ThreadObserverOptions {
  /**
   * In milliseconds since 1970.
   * @default `Date.now`
   */
  readonly now?: () => number
  /**
   * From 0 up to 1, for sampling.
   * @default `Math.random`
   */
  readonly random?: () => number
}

/** Begins to watch the service of a thread. */
export function createThreadObserver(
  service: Service,
  { now = Date.now, random = Math.random }: ThreadObserverOptions = {},
): ThreadObserver {
  const { policies } = service.configuration()
  const budgets = new BudgetsOf(service, policies)
  const denials = new RecentDenials(budgets)
  const top = new TopKeyBook(budgets, { now: now(), policies: policies.length, random })
  const statistics = new StatisticsBook(now())
  const eventLoop = new EventLoopWatch()
  const watchers = new Watchers(service)
  const telling = { service, budgets, watchers, now }
  const drain = (): void => {
    denials.drain()
    top.drain(now())
  }
  const ends = [
    service.on('decision', (event) => {
      statistics.decided(event)
      top.push(event)
      if (event.id === null) return
      denials.push(event, now())
      tellDenial(telling, event)
    }),
    service.on('failure', (event) => statistics.failed(event)),
    service.on('configuration', ({ isNew }) => {
      if (!isNew) return
      const { policies: next } = service.configuration()
      budgets.replace(next, drain)
      top.replace(next)
      statistics.forget((name) => rulesOf(budgets.policy(name)))
      watchers.checkTokens()
    }),
    tellRequests(telling),
  ]
  return {
    budgets,
    watchers,
    part: () => {
      const health = service.health()
      return {
        statistics: statistics.part(),
        overloads: health.overloads,
        heapUsedBytes: process.memoryUsage().heapUsed,
        deciding: { health, eventLoop: eventLoop.view() },
      }
    },
    totals: () => statistics.totals(),
    denials: () => denials.part(),
    top: (query, most) => top.part(query, most, now()),
    tick: () => {
      statistics.tick()
      eventLoop.tick()
      drain()
    },
    close: () => {
      watchers.end()
      eventLoop.close()
      for (const end of ends) end()
    },
  }
}

function rulesOf(policy: PolicyOptions | undefined): ReadonlySet<string> | undefined {
  return policy === undefined ? undefined : ruleNames(policy)
}
