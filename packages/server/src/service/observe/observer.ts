import { type Visibility, visibilityOf } from '../access/visibility.ts'
import type { Service } from '../service.ts'
import { BudgetsOf } from './budgets-of.ts'
import type { HealthView } from './health-view.ts'
import { InstanceHealth } from './instance-health.ts'
import { type DenialQuery, type DenialView, RecentDenials } from './recent-denials.ts'
import { type Statistics, StatisticsBook } from './statistics.ts'
import { tellDenial, tellWatchers } from './tell-watchers.ts'
import { type Ranking, TopKeyBook, type TopKeys, type TopQuery } from './top-keys.ts'
import { snapshotOf, TOP_MAX } from './watched-snapshot.ts'
import { type Viewer, Watchers } from './watchers.ts'

/** What a process has seen of its service, and keeps in bounded memory. Callers are shown what their token lets them see. */
export interface Observer {
  /** Since when all denials are known, in milliseconds since 1970; null for since the start. */
  readonly denialsSince: number | null
  /** The last denials, newest first. */
  denials(caller: Caller, query: DenialQuery): DenialView[]
  /** One of them; undefined where it is not kept here. */
  denial(caller: Caller, id: string): DenialView | undefined
  /** Who asks most. */
  top(caller: Caller, query: TopQuery): TopKeys
  statistics(caller: Caller): Statistics
  /** How this instance is. Asks no store. */
  health(caller: Caller): HealthView
  /**
   * Tells somebody what happens, and every second how things stand, until the answer is called; null where too many watch. Whose
   * token changes is ended.
   */
  watch(caller: Caller, viewer: Viewer): (() => void) | null
  /** How many watch. */
  readonly watching: number
  /** Ends all who watch, and takes nobody any more. */
  endWatching(): void
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
  const watchers = new Watchers(service)
  const telling = { service, budgets, watchers, now }
  const drain = (): void => {
    denials.drain()
    top.drain(now())
  }
  const snapshot = (visibility: Visibility): object => {
    const health = service.health()
    const rank = (by: Ranking): TopKeys => top.list(visibility, { by, count: TOP_MAX }, now())
    return snapshotOf({
      at: now(),
      hash: service.configuration().hash,
      health,
      statistics: statistics.view(visibility, health),
      requests: rank('requests'),
      denied: rank('denied'),
    })
  }
  const health = new InstanceHealth(service, now)
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
      statistics.replace()
      watchers.checkTokens()
    }),
    tellWatchers(telling),
    everySecond(() => {
      statistics.tick()
      health.tick()
      drain()
      watchers.tellSnapshot(snapshot)
    }),
  ]
  const seenBy = (caller: Caller): Visibility => visibilityOf(caller)
  return {
    denials: (caller, query) => denials.list(seenBy(caller), query),
    get denialsSince() {
      return denials.since
    },
    denial: (caller, id) => denials.find(seenBy(caller), id),
    top: (caller, query) => top.list(seenBy(caller), query, now()),
    statistics: (caller) => statistics.view(seenBy(caller), service.health()),
    health: (caller) => {
      caller.grant?.need('read')
      return health.view()
    },
    watch: (caller, viewer) => watchers.add(caller, viewer),
    get watching() {
      return watchers.size
    },
    endWatching: () => watchers.end(),
    close: () => {
      watchers.end()
      health.close()
      for (const end of ends) end()
    },
  }
}

function bySecond(tick: () => void): () => void {
  const timer = setInterval(tick, 1000).unref()
  return () => clearInterval(timer)
}
