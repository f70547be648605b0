import type { Attributes } from 'headgate'
import { type Visibility, visibilityOf } from '../access/visibility.ts'
import type { Service } from '../service.ts'
import { attributesOfKey, type ShownKeyOf } from './attributes-of-key.ts'
import { type ConfigurationChange, ConfigurationHistory } from './configuration-history.ts'
import { type DenialQuery, type Denials, denialsView, mergeDenials } from './denials-view.ts'
import type { HealthView } from './health-view.ts'
import { healthOf, InstanceHealth } from './instance-health.ts'
import { NO_OTHERS, type OtherThreads } from './other-threads.ts'
import type { DenialView } from './recent-denials.ts'
import { addRates, RecentRates, type SecondCounts } from './recent-rates.ts'
import { type EverySecond, everySecondOfTimer } from './second-hand.ts'
import { mergeStatistics } from './statistics.ts'
import { type Statistics, statisticsView } from './statistics-view.ts'
import { tellProcess } from './tell-watchers.ts'
import { createThreadObserver, type ThreadObserverOptions } from './thread-observer.ts'
import { type ThreadPart, totalsOf } from './thread-part.ts'
import type { Ranking, TopPart, TopQuery } from './top-keys.ts'
import { type TopKeys, topView } from './top-keys-view.ts'
import { snapshotOf, TOP_MAX } from './watched-snapshot.ts'
import type { Viewer } from './watchers.ts'

/** What a process has seen in all its threads. Callers are shown what their token lets them see; methods reject where it lets none. */
export interface Observer {
  /** The last denials. */
  denials(caller: Caller, query: DenialQuery): Promise<Denials>
  /** One of them; undefined where it is not kept here. */
  denial(caller: Caller, id: string): Promise<DenialView | undefined>
  /** Who asks most. */
  top(caller: Caller, query: TopQuery): Promise<TopKeys>
  /** The attributes that a key of these lists stands for; throws where it does not tell them. */
  attributesOf(caller: Caller, key: ShownKeyOf): Attributes
  statistics(caller: Caller): Promise<Statistics>
  /** What was decided in each of the last 300 seconds, oldest first; null for who sees some policies alone. */
  history(caller: Caller): readonly SecondCounts[] | null
  /** The last changes of the configuration, newest first. */
  configurationHistory(caller: Caller): readonly ConfigurationChange[]
  /** How this instance is. Asks no store. */
  health(caller: Caller): Promise<HealthView>
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

/** Where an observer gets time and chance from, and what it does not see itself. */
export interface ObserverOptions extends ThreadObserverOptions {
  /**
   * When a second has passed.
   * @default by a timer that keeps no process alive
   */
  readonly everySecond?: EverySecond
  /**
   * What other threads have seen of services with the same configuration.
   * @default there are none
   */
  readonly others?: OtherThreads | undefined
}

/** More keys of a policy than there are counters. */
const ALL_KEYS = Number.MAX_SAFE_INTEGER
/** Keys of each policy that a snapshot is made of: some more than it has, as threads rank them differently. */
const SNAPSHOT_KEYS = 10 * TOP_MAX

/** Begins to watch a service. */
export function createObserver(service: Service, options: ObserverOptions = {}): Observer {
  const { now = Date.now, everySecond = everySecondOfTimer, others = NO_OTHERS } = options
  const own = createThreadObserver(service, options)
  const { budgets, watchers } = own
  const rates = new RecentRates(now())
  const changes = new ConfigurationHistory(service, now)
  const instance = new InstanceHealth(service, now)
  const parts = async (): Promise<ThreadPart[]> => [others.asOwn(own.part()), ...(await others.parts())]
  const statistics = (visibility: Visibility, all: readonly ThreadPart[]): Statistics =>
    statisticsView(visibility, {
      part: mergeStatistics(all.map((part) => part.statistics)),
      health: healthOf(all, service),
      rates: rates.view(),
      budgets,
    })
  const top = async (query: Omit<TopQuery, 'count'>, most: number): Promise<TopPart[]> => [
    ...own.top(query, most),
    ...(await others.top(query, most)),
  ]
  const denials = async () => mergeDenials([own.denials(), ...(await others.denials())])
  const tellSnapshot = async (all: readonly ThreadPart[], at: number): Promise<void> => {
    const [requests, denied] = await Promise.all(
      (['requests', 'denied'] as const).map((by) => top({ by }, SNAPSHOT_KEYS)),
    )
    const rank = (by: Ranking, from: readonly TopPart[] = [], visibility: Visibility): TopKeys =>
      topView(visibility, from, { by, count: TOP_MAX, now: at })
    watchers.tellSnapshot((visibility) =>
      snapshotOf({
        at,
        health: instance.view(all),
        statistics: statistics(visibility, all),
        requests: rank('requests', requests, visibility),
        denied: rank('denied', denied, visibility),
      }),
    )
  }
  const tick = async (): Promise<void> => {
    own.tick()
    if (watchers.isEmpty) return rates.push(now(), addRates([own.totals(), ...(await others.totals())]))
    const all = await parts()
    const at = now()
    // Of the same counts: the seconds that are remembered up to a snapshot have all that it counts, and nothing else.
    rates.push(at, addRates(all.map(totalsOf)))
    await tellSnapshot(all, at)
  }
  const ends = [
    tellProcess({ service, budgets, watchers, now }),
    others.passOn(watchers),
    everySecond(() => void tick()),
  ]
  return {
    denials: async (caller, query) => {
      const visibility = visibilityOf(caller)
      return denialsView(visibility, await denials(), { query, lostAt: others.lostAt })
    },
    denial: async (caller, id) => {
      const visibility = visibilityOf(caller)
      const kept = (await denials()).filter((one) => one.id === id)
      const query = { limit: 1 }
      return denialsView(visibility, kept, { query, lostAt: null }).denials[0]
    },
    top: async (caller, query) => {
      const visibility = visibilityOf(caller)
      return topView(visibility, await top(query, ALL_KEYS), { ...query, now: now() })
    },
    attributesOf: (caller, key) => {
      caller.grant?.need('read')
      return attributesOfKey(budgets, key)
    },
    statistics: async (caller) => {
      const visibility = visibilityOf(caller)
      return statistics(visibility, await parts())
    },
    history: (caller) => (visibilityOf(caller).isAll ? rates.history() : null),
    configurationHistory: (caller) => {
      caller.grant?.need('read')
      // It is about all policies.
      caller.grant?.needAll()
      return changes.view()
    },
    health: async (caller) => {
      caller.grant?.need('read')
      return instance.view(await parts())
    },
    watch: (caller, viewer) => watchers.add(caller, viewer),
    get watching() {
      return watchers.size
    },
    endWatching: () => watchers.end(),
    close: () => {
      own.close()
      instance.close()
      changes.close()
      for (const end of ends) end()
    },
  }
}
