import { mergeDenials } from '../service/observe/denials-view.ts'
import { mergeHealth } from '../service/observe/merge-health.ts'
import type { OtherThreads } from '../service/observe/other-threads.ts'
import type { KeptDenial } from '../service/observe/recent-denials.ts'
import { endedThreads, forgetPolicies, totalsOf } from '../service/observe/thread-part.ts'
import type { Watchers } from '../service/observe/watchers.ts'
import { ruleNames } from '../service/rule-names.ts'
import type { Service } from '../service/service.ts'
import { endedFamilies, forgetRules } from '../telemetry/metrics/merge-families.ts'
import type { OtherMetrics } from '../telemetry/metrics/other-metrics.ts'
import { LastSaid } from './last-said.ts'
import type { Answer, Given, Question } from './link.ts'
import type { WorkerCounts } from './observe-messages.ts'
import type { OfCoordinator } from './protocol.ts'
import type { WorkerThread } from './worker-thread.ts'

/** A worker that is asked. */
type ObservedWorker = Pick<WorkerThread, 'worker' | 'link' | 'serves' | 'ended'>

/** Whoever is busy for longer is not waited for: what it said before stands for it. */
const DEADLINE_MS = 500

/**
 * What all workers have seen, asked of them when somebody asks. As one ends it says what it has counted, and its last denials; of one
 * that cannot, what it had said before stands, for which all are asked once a second. The keys that asked most of it are lost.
 */
export class ObservedWorkers {
  readonly #counts = new LastSaid<ObservedWorker, WorkerCounts>(endedCounts)
  readonly #now: () => number
  #watchers: Watchers | null = null
  #watched: readonly string[] = []
  /** Of those that have ended. */
  #denials: readonly KeptDenial[] = []
  #lostAt: number | null = null

  /** Of the service of the coordinator; `now` is in milliseconds since 1970. */
  constructor(service: Pick<Service, 'on' | 'configuration'>, now: () => number = Date.now) {
    this.#now = now
    service.on('configuration', ({ isNew }) => {
      if (isNew) this.#forget(service.configuration().policies)
    })
  }

  /** Observes a worker from when it serves to its end. */
  add(thread: ObservedWorker): void {
    const { link, serves, ended } = thread
    let hasSaidAll = false
    link.hear('last', ({ counts, denials }) => {
      hasSaidAll = true
      this.#counts.say(thread, counts)
      this.#denials = mergeDenials([denials, this.#denials])
    })
    link.hear('event', ({ name, event, json }) => this.#watchers?.passOn(name, event, json))
    link.hear('omitted', (omitted) => {
      for (const [name, counts] of omitted) this.#watchers?.omit(name, counts)
    })
    serves.then(
      () => {
        this.#counts.begin(thread)
        link.tell('watched', this.#watched)
      },
      () => {},
    )
    void ended.then(() => {
      if (this.#counts.end(thread) && !hasSaidAll) this.#lostAt = this.#now()
    })
  }

  /** What an observer shows beside what its own thread has seen. */
  get threads(): OtherThreads {
    const lostAt = (): number | null => this.#lostAt
    return {
      // It takes no requests of clients: how its store and its event loop are says nothing of decisions.
      asOwn: (part) => ({ ...part, deciding: null }),
      parts: async () => (await this.#askCounts()).map(({ part }) => part),
      totals: async () => (await this.#askCounts()).map(({ part }) => totalsOf(part)),
      denials: async () => [...(await this.#askAll('denials', null)).values(), this.#denials],
      top: async (query, most) => [...(await this.#askAll('top', { ...query, most })).values()].flat(),
      get lostAt() {
        return lostAt()
      },
      passOn: (watchers) => this.#passOn(watchers),
    }
  }

  /** What metrics show beside those of their own thread. */
  get metrics(): OtherMetrics {
    return {
      counted: async () => {
        const counts = await this.#askCounts()
        const [first, ...others] = counts.flatMap(({ part }) => part.deciding?.health ?? [])
        return {
          families: counts.map(({ families }) => families),
          health: first === undefined ? null : mergeHealth([first, ...others]),
        }
      },
      runtimes: async () => {
        const runtimes = [...(await this.#askAll('runtime', null))]
        return new Map(runtimes.map(([{ worker }, runtime]) => [worker, runtime]))
      },
    }
  }

  async #askCounts(): Promise<readonly WorkerCounts[]> {
    await this.#askAll('counts', null, (thread, counts) => this.#counts.say(thread, counts))
    return this.#counts.parts
  }

  /**
   * Asks all workers, each answer of which is taken as it comes; without those that die or do not answer in time. One that has not
   * answered what it was asked before is not asked: questions would pile up at a thread that hangs.
   */
  async #askAll<N extends Question<OfCoordinator>>(
    name: N,
    given: Given<OfCoordinator, N>,
    take: (thread: ObservedWorker, answer: Answer<OfCoordinator, N>) => void = () => {},
  ): Promise<Map<ObservedWorker, Answer<OfCoordinator, N>>> {
    const answers = new Map<ObservedWorker, Answer<OfCoordinator, N>>()
    const threads = this.#counts.threads.filter(({ link }) => !link.isOverdue)
    const asked = threads.map(async (thread) => {
      const answer = await thread.link.ask(name, given, { deadlineMs: DEADLINE_MS })
      take(thread, answer)
      answers.set(thread, answer)
    })
    await Promise.allSettled(asked)
    return answers
  }

  #passOn(watchers: Watchers): () => void {
    this.#watchers = watchers
    watchers.followNames((names) => {
      this.#watched = names
      for (const { link } of this.#counts.threads) link.tell('watched', names)
    })
    return () => {
      this.#watchers = null
    }
  }

  /** A configuration has other policies: series of those that are gone go with them, as in the threads that run. */
  #forget(policies: ReturnType<Service['configuration']>['policies']): void {
    this.#counts.forget(({ part, families }) => {
      const rules = new Map(policies.map((policy) => [policy.name, ruleNames(policy)]))
      return {
        part: forgetPolicies(part, (name) => rules.get(name)),
        families: forgetRules(families, rules),
      }
    })
  }
}

function endedCounts(all: readonly [WorkerCounts, ...WorkerCounts[]]): WorkerCounts {
  const [first, ...others] = all
  return {
    part: endedThreads([first.part, ...others.map(({ part }) => part)]),
    families: endedFamilies([first.families, ...others.map(({ families }) => families)]),
  }
}
