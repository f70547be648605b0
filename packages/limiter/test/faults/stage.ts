/** One store, a limiter of each mode on it, and their callers. */
import { setImmediate } from 'node:timers/promises'
import type { Limiter } from '../../src/core/limiter.ts'
import type { OnStoreError } from '../../src/core/on-store-error.ts'
import { isPartitioned, type Store } from '../../src/core/store.ts'
import { createLimiter } from '../../src/create-limiter.ts'
import { guarded } from '../../src/entries/resilience.ts'
import { type RedisStore, redisStore } from '../../src/stores/redis/index.ts'
import { until } from '../harness/until.ts'
import { CALLERS, capacityOf, policiesOf, policyName, REPLICAS } from './budgets.ts'
import { Crowd } from './crowd.ts'
import type { Connection, Forgets } from './fault.ts'
import { add, Ledger } from './ledger.ts'

export const modes: readonly OnStoreError[] = ['local', 'open', 'closed']
/** The default, said here since it is what is tested. */
export const DEADLINE_MS = 15
/** Between two beats of one mode; the modes take turns. */
const BEAT_MS = 12
const READY_MS = 1000

export interface StageOptions {
  readonly connection: Connection
  readonly forgets: Forgets
}

export class Stage implements AsyncDisposable {
  readonly store: RedisStore
  readonly limiters: readonly Limiter[]
  readonly ledgers: readonly Ledger[]
  readonly #crowds: readonly Crowd[]
  #timer: NodeJS.Timeout | undefined

  constructor({ connection, forgets }: StageOptions) {
    const asked = new Map<string, () => void>()
    // As `headgate/redis` does, with a look at what is handed to the store in between.
    this.store = guarded(watched(redisStore(connection), (policy) => asked.get(policy)?.()))
    this.ledgers = modes.map((mode) => new Ledger({ mode, forgets, deadlineMs: DEADLINE_MS }))
    for (const ledger of this.ledgers) {
      for (let i = 0; i < CALLERS; i++) asked.set(policyName(ledger.mode, i), () => add(ledger.asked, i))
    }
    this.limiters = modes.map((mode) =>
      createLimiter({
        store: this.store,
        onStoreError: mode,
        deadlineMs: DEADLINE_MS,
        policies: policiesOf(mode),
        // The others count replicas, as is the default.
        ...(mode === 'local' && { replicas: REPLICAS }),
      }),
    )
    this.#crowds = this.ledgers.map((ledger, i) => new Crowd(this.limiters[i] as Limiter, ledger))
  }

  get inFlight(): readonly number[] {
    return this.ledgers.map((ledger) => ledger.inFlight)
  }

  get isHealthy(): boolean {
    return this.limiters.every((limiter) => limiter.health().store === 'reachable')
  }

  /** What the limiters last held against the store. */
  get lastErrors(): readonly string[] {
    return this.limiters.flatMap((limiter) => limiter.health().lastError?.message ?? [])
  }

  set hurry(hurry: boolean) {
    for (const crowd of this.#crowds) crowd.hurry = hurry
  }

  play(): void {
    let turn = 0
    for (const crowd of this.#crowds) crowd.start()
    this.#timer = setInterval(() => {
      this.#crowds[turn++ % this.#crowds.length]?.beat()
    }, BEAT_MS / this.#crowds.length)
  }

  /** Resolves when nobody asks, and everybody is answered. */
  async pause(): Promise<void> {
    clearInterval(this.#timer)
    this.hurry = false
    for (const crowd of this.#crowds) crowd.stop()
    await until('all decisions are settled', () => this.inFlight.every((count) => count === 0))
  }

  /** All who are not waiting for an answer ask, twice, so that what they asked is on its way. */
  async rush(): Promise<void> {
    for (const crowd of this.#crowds) crowd.beat()
    await setImmediate()
    for (const crowd of this.#crowds) crowd.beat()
  }

  /** Whether traffic may be sent here, as the service finds out. */
  async isReady(): Promise<boolean> {
    if (!this.isHealthy) return false
    const late = AbortSignal.timeout(READY_MS)
    const lateness = new Promise<false>((resolve) => late.addEventListener('abort', () => resolve(false)))
    return Promise.race([
      this.store.ping().then(
        () => true,
        () => false,
      ),
      lateness,
    ])
  }

  /** What the store has charged to each caller of a mode. */
  async charges(mode: OnStoreError): Promise<readonly number[]> {
    const limiter = this.limiters[modes.indexOf(mode)] as Limiter
    const charges: number[] = []
    for (let caller = 0; caller < CALLERS; caller++) {
      const policy = policyName(mode, caller)
      const { remaining } = await until('the store says what is left', async () => {
        const decision = await limiter.peek('u', { policy, cost: 0 })
        return decision.source === 'store' && decision
      })
      charges.push(capacityOf(caller) - (remaining ?? Number.NaN))
    }
    return charges
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer)
    for (const limiter of this.limiters) await limiter.close()
    await this.store.close()
  }
}

/** Tells of each spend that a store, or a part of it, is asked for. */
function watched(store: RedisStore, onAsk: (policy: string) => void): RedisStore {
  for (const part of isPartitioned(store) ? store.parts : [store]) {
    const decide: Store['decide'] = part.decide.bind(part)
    part.decide = (verb, requests, options) => {
      if (verb === 'consume') for (const { budget } of requests) onAsk(budget.policy)
      return decide(verb, requests, options)
    }
  }
  return store
}
