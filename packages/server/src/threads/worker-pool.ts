import type { Clock } from 'headgate'
import type { TlsMaterial } from '../service/certificate.ts'
import type { Configuration, Rejection } from '../service/configuration.ts'
import type { Service } from '../service/service.ts'
import { type Answer, type AskOptions, type Given, LinkEnded, type Question, Unanswered } from './link.ts'
import type { Beginning, ListeningWire, OfCoordinator } from './protocol.ts'
import { SilentThreads } from './silent-threads.ts'
import { Supervisor } from './supervisor.ts'
import { WorkerThread } from './worker-thread.ts'

/** What workers are, and who hears of them. */
export interface WorkerPoolOptions {
  /** How many threads; the first is 1. */
  readonly workers: number
  /** The module that each of them runs. */
  readonly entry: URL
  /** What they are started with: plain data, the same for all. */
  readonly settings: unknown
  /** That of the coordinator: whatever comes into force is in force there as well. */
  readonly service: Pick<Service, 'check' | 'apply' | 'reject' | 'configuration' | 'isDraining'>
  /** Null without TLS. */
  readonly certificate: () => TlsMaterial | null
  readonly clock: Clock
  /** Called with each thread before it does anything. */
  readonly onSpawned: (thread: WorkerThread) => void
  readonly onReplaced: (worker: number) => void
  readonly onEnded: (worker: number, reason: Error, delayMs: number) => void
}

/** What one worker answered. */
export interface WorkerAnswer<T> {
  readonly worker: number
  readonly answer: T
}

/**
 * The threads that answer clients. What is in force is so in all of them: each checks it first, and only where all can, all are
 * told to go by it. A worker that dies meanwhile hinders nobody, and one that begins does so with what is in force.
 */
export class WorkerPool {
  readonly #options: WorkerPoolOptions
  readonly #supervisor: Supervisor<WorkerThread>
  readonly #silent: SilentThreads
  /** Those that know what is in force, and are told of every change. */
  readonly #members = new Set<WorkerThread>()
  readonly #ports: Record<string, number> = {}
  #rejected: Rejection | null = null
  /** One change, or one beginning, at a time. */
  #last: Promise<unknown> = Promise.resolve()

  constructor(options: WorkerPoolOptions) {
    this.#options = options
    const { workers: count, clock, onReplaced, onEnded } = options
    const spawn = (worker: number): WorkerThread => this.#spawn(worker)
    this.#silent = new SilentThreads(clock)
    this.#supervisor = new Supervisor({ count, clock, spawn, onReplaced, onEnded })
  }

  /** How many serve. */
  get serving(): number {
    return this.#supervisor.serving
  }

  /** How many serve, and how many were started in place of others that had ended. */
  readonly figures = (): { readonly serving: number; readonly restarts: number } => {
    const { serving, restarts } = this.#supervisor
    return { serving, restarts }
  }

  /** Resolves once all serve, or the start is given up, with where that is. Rejects with what hinders one, and then none is left. */
  async start(): Promise<readonly ListeningWire[]> {
    await this.#supervisor.start()
    const [first] = this.#supervisor.threads
    return first?.wires ?? []
  }

  /** Ends those that do not serve yet, where not all have begun once; those that do go on until they are told to drain. */
  giveUpStart(): void {
    this.#supervisor.giveUpStart()
  }

  /** Puts another configuration in force in all threads, or rejects and leaves all as they are. */
  apply(next: Configuration): Promise<void> {
    return this.#inTurn(async () => {
      const { service } = this.#options
      const current = service.configuration()
      const isSame = next.hash === current.hash && next.runtime?.version === current.runtime?.version
      if (isSame && this.#rejected === null) return
      service.check(next)
      const members = [...this.#members]
      const plain = plainConfiguration(next)
      await Promise.all(members.map((thread) => this.#prepare(thread, plain)))
      // Those that do not go by it, now that others do, end: whoever takes their place begins with it.
      const commits = members.map(async (thread) => {
        await thread.link.ask('commit', null).catch((reason) => thread.terminate(reason))
      })
      await Promise.all(commits)
      this.#rejected = null
      service.apply(next)
    })
  }

  /** Says in all threads why another configuration is not in force. */
  reject(rejected: Rejection): Promise<void> {
    return this.#inTurn(async () => {
      this.#rejected = rejected
      this.tellAll('rejected', rejected)
      this.#options.service.reject(rejected)
    })
  }

  /** Asks all workers that know what is in force. One that dies, or does not answer in time, is left out. */
  async askAll<N extends Question<OfCoordinator>>(
    name: N,
    given: Given<OfCoordinator, N>,
    options?: AskOptions,
  ): Promise<WorkerAnswer<Answer<OfCoordinator, N>>[]> {
    const asked = [...this.#members].map(async ({ worker, link }) => {
      return { worker, answer: await link.ask(name, given, options) }
    })
    const settled = await Promise.allSettled(asked)
    return settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  }

  /** Tells all workers that know what is in force; those that begin later learn it by `begin`, or not at all. */
  tellAll<N extends keyof OfCoordinator['tells']>(name: N, news: OfCoordinator['tells'][N]): void {
    for (const { link } of this.#members) link.tell(name, news)
  }

  /** Takes no new connections; resolves once requests under way are answered. */
  async drain(): Promise<void> {
    this.#supervisor.stop()
    // However long that takes: whoever waits for it has a deadline.
    await this.askAll('drain', null, { deadlineMs: NEVER_MS })
  }

  /** Ends all threads, answered or not. */
  async close(): Promise<void> {
    this.#supervisor.stop()
    await this.askAll('close', null, { deadlineMs: CLOSE_MS })
    await this.#supervisor.terminate()
  }

  #spawn(worker: number): WorkerThread {
    const { entry, settings, onSpawned } = this.#options
    const thread = new WorkerThread({ worker, entry, settings })
    thread.link.answer('begin', () => this.#inTurn(async () => this.#begin(thread)))
    thread.link.hear('listening', (wires) => {
      for (const { name, port } of wires) if (port !== null) this.#ports[name] = port
    })
    void thread.ended.then(() => this.#members.delete(thread))
    this.#silent.add(thread)
    onSpawned(thread)
    return thread
  }

  #begin(thread: WorkerThread): Beginning {
    const { service, certificate } = this.#options
    this.#members.add(thread)
    return {
      configuration: plainConfiguration(service.configuration()),
      rejected: this.#rejected,
      isDraining: service.isDraining,
      certificate: certificate(),
      ports: { ...this.#ports },
    }
  }

  /** Rejects where a worker says no. One that dies meanwhile has no say, nor has one that is stuck: it ends. */
  async #prepare(thread: WorkerThread, next: Configuration): Promise<void> {
    try {
      await thread.link.ask('prepare', next)
    } catch (reason) {
      if (reason instanceof Unanswered) await thread.terminate(reason)
      else if (!(reason instanceof LinkEnded)) throw reason
    }
  }

  #inTurn<T>(run: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(run)
    this.#last = turn.catch(() => {})
    return turn
  }
}

/** Longest time that a timer of Node takes. */
const NEVER_MS = 2 ** 31 - 1
const CLOSE_MS = 2000

/** All that a configuration has: a field that is new to it is an error here, as workers would not get it. */
const FIELDS: Readonly<Record<keyof Configuration, true>> = {
  hash: true,
  policies: true,
  allow: true,
  deny: true,
  notInForce: true,
  domains: true,
  http: true,
  identity: true,
  receipts: true,
  log: true,
  audit: true,
  tokens: true,
  admin: true,
  runtime: true,
  hashKeys: true,
  proxy: true,
}

/** A configuration as it can be cloned: without what was compiled of it, and without functions. */
function plainConfiguration(configuration: Configuration): Configuration {
  const names = Object.keys(FIELDS) as (keyof Configuration)[]
  const present = names.filter((name) => configuration[name] !== undefined)
  return Object.fromEntries(present.map((name) => [name, configuration[name]])) as unknown as Configuration
}
