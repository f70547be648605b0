import { Grant } from '../service/access/grant.ts'
import type { Caller } from '../service/observe/observer.ts'
import { type EverySecond, everySecondOfTimer } from '../service/observe/second-hand.ts'
import type { ThreadObserver } from '../service/observe/thread-observer.ts'
import type { Watchers } from '../service/observe/watchers.ts'
import type { Service } from '../service/service.ts'
import type { Metrics } from '../telemetry/metrics/create-metrics.ts'
import type { Link } from './link.ts'
import type { WorkerCounts } from './observe-messages.ts'
import type { OfCoordinator, OfWorker } from './protocol.ts'

/** What a worker answers from. */
export interface ObservingParts {
  readonly service: Pick<Service, 'configuration'>
  readonly observer: ThreadObserver
  readonly metrics: Metrics
  /**
   * When a second has passed.
   * @default by a timer that keeps no thread alive
   */
  readonly everySecond?: EverySecond
}

/**
 * Answers in a worker what it has seen, and tells what happens while somebody watches. Answers what
 * tells all of it as the thread ends, once.
 */
export function answerObserving(
  link: Link<OfWorker, OfCoordinator>,
  { service, observer, metrics, everySecond = everySecondOfTimer }: ObservingParts,
): () => void {
  const { watchers } = observer
  const leaves = new Map<string, () => void>()
  const counts = (): WorkerCounts => ({ part: observer.part(), families: metrics.counted() })
  link.answer('counts', counts)
  link.answer('runtime', () => metrics.runtime())
  link.answer('denials', () => observer.denials())
  link.answer('top', ({ most, ...query }) => observer.top(query, most))
  link.hear('watched', (names) => {
    for (const [name, leave] of leaves) if (!names.includes(name)) leave()
    for (const name of names) if (!leaves.has(name)) watch(name)
  })
  const watch = (name: string): void => {
    const caller = callerNamed(service, name)
    const leave = caller && watchers.add(caller, viewerOf(name))
    if (leave === null) return
    leaves.set(name, () => {
      leaves.delete(name)
      leave()
    })
  }
  const viewerOf = (name: string): Parameters<Watchers['add']>[1] => ({
    send: (event, json) => {
      link.tell('event', { name, event, json })
      return true
    },
    end: () => void leaves.delete(name),
  })
  everySecond(() => {
    observer.tick()
    const omitted = new Map([...watchers.renew()].filter(([, counts]) => Object.keys(counts).length > 0))
    if (omitted.size > 0) link.tell('omitted', omitted)
  })
  let hasEnded = false
  return () => {
    if (!hasEnded) link.tell('last', { counts: counts(), denials: observer.denials() })
    hasEnded = true
  }
}

/** Who watches by a token, as this thread knows it; null where it does not, as while another configuration comes into force. */
function callerNamed(service: Pick<Service, 'configuration'>, name: string): Caller | null {
  if (name === '') return { grant: null }
  const settings = service.configuration().tokens?.find((token) => token.name === name)
  return settings === undefined ? null : { grant: new Grant(settings) }
}
