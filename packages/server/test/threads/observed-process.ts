/** A process of several threads as its observer sees it: each a service of its own on one store, linked as threads are, in one thread. */
import { MessageChannel } from 'node:worker_threads'
import { memoryStore } from 'headgate'
import { manualClock } from 'headgate/testing'
import { parseConfig } from '../../src/config/config.ts'
import { newToken, tokenHash } from '../../src/service/access/token-text.ts'
import { createService } from '../../src/service/create-service.ts'
import { createObserver, type Observer } from '../../src/service/observe/observer.ts'
import { createThreadObserver } from '../../src/service/observe/thread-observer.ts'
import type { Service } from '../../src/service/service.ts'
import { createMetrics } from '../../src/telemetry/metrics/create-metrics.ts'
import { answerObserving } from '../../src/threads/answer-observing.ts'
import { Link } from '../../src/threads/link.ts'
import { ObservedWorkers } from '../../src/threads/observed-workers.ts'
import type { OfCoordinator, OfWorker } from '../../src/threads/protocol.ts'

export interface ObservedProcess extends AsyncDisposable {
  /** That of the coordinator. */
  readonly service: Service
  readonly observer: Observer
  /** Those of the workers. */
  readonly workers: readonly Service[]
  /** All that is exposed now. */
  metrics(): Promise<string>
  /** A second passes, in every thread. */
  second(): void
  /** The service of the coordinator as the holder of a token. */
  as(name: string): Service
  /** Puts another file in force, in all threads. */
  apply(file: string): void
  /** A worker ends, which says so or is terminated; its place is taken by a new one, which is answered. */
  replace(place: number, how: 'end' | 'terminate'): Promise<Service>
  /** A worker does not answer any more; the function tells how many questions it was asked since. */
  hang(place: number): () => number
}

interface LinkedWorker {
  readonly service: Service
  tick(): void
  hang(): () => number
  end(how: 'end' | 'terminate'): Promise<void>
}

export async function observedProcess(file: string, workers: number): Promise<ObservedProcess> {
  const tokens = new Map<string, string>()
  const text = (source: string): string =>
    source.replaceAll(/TOKEN\((\w+)\)/g, (_, name: string) => {
      const token = tokens.get(name) ?? newToken()
      tokens.set(name, token)
      return tokenHash(token)
    })
  const configuration = (source: string) => parseConfig(text(source), 'headgate.yaml')
  const memory = memoryStore({ clock: manualClock() })
  let inForce = file
  const newService = (): Service =>
    createService({
      configuration: configuration(inForce),
      store: { store: memory, label: 'memory', resilience: {}, ping: async () => {} },
    })
  const service = newService()
  const observed = new ObservedWorkers(service)
  let tick = (): void => {}
  const observer = createObserver(service, {
    others: observed.threads,
    everySecond: (each) => {
      tick = each
      return () => {}
    },
  })
  const parts = { store: { figures: () => ({ main: memory.stats() }) }, transports: [], dropped: () => ({}) }
  const metrics = createMetrics({ ...parts, service, others: observed.metrics })
  const begin = async (worker: number): Promise<LinkedWorker> => {
    const one = linkedWorker(worker, newService(), (thread) => observed.add(thread))
    await settled()
    return one
  }
  const all = await Promise.all(Array.from({ length: workers }, (_, i) => begin(i + 1)))
  return {
    service,
    observer,
    get workers() {
      return all.map((one) => one.service)
    },
    metrics: async () => (await metrics.text()).text,
    second: () => {
      for (const one of all) one.tick()
      tick()
    },
    as: (name) => service.callerOf(tokens.get(name)),
    apply: (next) => {
      inForce = next
      for (const one of [...all.map((each) => each.service), service]) one.apply(configuration(next))
    },
    replace: async (place, how) => {
      await all[place]?.end(how)
      const next = await begin(place + 1)
      all[place] = next
      return next.service
    },
    hang: (place) => all[place]?.hang() ?? (() => 0),
    [Symbol.asyncDispose]: async () => {
      observer.close()
      metrics.close()
      for (const one of all) await one.end('terminate')
      await service.close()
    },
  }

  function linkedWorker(
    worker: number,
    own: Service,
    add: (thread: Parameters<ObservedWorkers['add']>[0]) => void,
  ): LinkedWorker {
    const { port1, port2 } = new MessageChannel()
    const link = new Link<OfCoordinator, OfWorker>(port1)
    const back = new Link<OfWorker, OfCoordinator>(port2)
    const ended = Promise.withResolvers<Error>()
    let second = (): void => {}
    const seen = createThreadObserver(own)
    const counted = createMetrics({ ...parts, service: own })
    const tellLast = answerObserving(back, {
      service: own,
      observer: seen,
      metrics: counted,
      everySecond: (each) => {
        second = each
        return () => {}
      },
    })
    back.start()
    link.start()
    add({ worker, link, serves: Promise.resolve(), ended: ended.promise })
    return {
      service: own,
      tick: () => second(),
      hang: () => {
        let questions = 0
        port2.removeAllListeners('message')
        port2.on('message', ({ kind }: { readonly kind: string }) => {
          if (kind === 'ask') questions++
        })
        return () => questions
      },
      end: async (how) => {
        const reason = new Error('ended')
        if (how === 'end') tellLast()
        link.end(reason)
        back.end(reason)
        ended.resolve(reason)
        seen.close()
        counted.close()
        await settled()
      },
    }
  }
}

/** Until promises that are resolved have been heard of. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
