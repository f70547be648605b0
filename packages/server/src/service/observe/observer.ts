import { type Visibility, visibilityOf } from '../access/visibility.ts'
import type { Service } from '../service.ts'
import { BudgetsOf } from './budgets-of.ts'
import { type DenialQuery, type DenialView, RecentDenials } from './recent-denials.ts'
import { type Statistics, StatisticsBook } from './statistics.ts'
import { TopKeyBook, type TopKeys, type TopQuery } from './top-keys.ts'

/** What a process has seen of its service, and keeps in bounded memory. Callers are shown what their token lets them see. */
export interface Observer {
  /** The last denials, newest first. */
  denials(caller: Caller, query: DenialQuery): DenialView[]
  /** One of them; undefined where it is not kept here. */
  denial(caller: Caller, id: string): DenialView | undefined
  /** Who asks most. */
  top(caller: Caller, query: TopQuery): TopKeys
  statistics(caller: Caller): Statistics
  /** Ends it. */
  close(): void
}

/** The service as somebody may use it. */
export type Caller = Pick<Service, 'grant'>

/** Where an observer gets time and chance from. */
export interface ObserverOptions {
  /**
   * In milliseconds since 1970.
   * @default `Date.now`
   */
  readonly now?: () => number
  /**
   * Calls a function every second; answers what ends that.
   * @default a timer that keeps no process alive
   */
  readonly everySecond?: (tick: () => void) => () => void
  /**
   * From 0 up to 1, for sampling.
   * @default `Math.random`
   */
  readonly random?: () => number
}

/** Begins to watch a service. */
export function createObserver(service: Service, options: ObserverOptions = {}): Observer {
  const { now = Date.now, everySecond = bySecond, random = Math.random } = options
  const { policies } = service.configuration()
  const budgets = new BudgetsOf(service, policies)
  const denials = new RecentDenials(budgets)
  const top = new TopKeyBook(budgets, { now: now(), policies: policies.length, random })
  const statistics = new StatisticsBook(budgets, now())
  const drain = (): void => {
    denials.drain()
    top.drain(now())
  }
  const ends = [
    service.on('decision', (event) => {
      statistics.decided(event)
      top.push(event)
      if (event.id !== null) denials.push(event, now())
    }),
    service.on('failure', (event) => statistics.failed(event)),
    service.on('configuration', ({ isNew }) => {
      if (!isNew) return
      const { policies: next } = service.configuration()
      budgets.replace(next, drain)
      top.replace(next)
      statistics.replace()
    }),
    everySecond(() => {
      statistics.tick()
      drain()
    }),
  ]
  const seenBy = (caller: Caller): Visibility => visibilityOf(caller)
  return {
    denials: (caller, query) => denials.list(seenBy(caller), query),
    denial: (caller, id) => denials.find(seenBy(caller), id),
    top: (caller, query) => top.list(seenBy(caller), query, now()),
    statistics: (caller) => statistics.view(seenBy(caller), service.health()),
    close: () => {
      for (const end of ends) end()
    },
  }
}

function bySecond(tick: () => void): () => void {
  const timer = setInterval(tick, 1000).unref()
  return () => clearInterval(timer)
}
