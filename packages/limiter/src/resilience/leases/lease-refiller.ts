import type { Clock } from '../../core/clock.ts'
import type { Source } from '../../core/decision.ts'
import type {
  BudgetRequest,
  DecideOptions,
  Grant,
  LeasingStore,
  Refund,
  Verb,
  Verdicts,
} from '../../core/store.ts'
import { ANSWER_MS } from '../deadline/answer-time.ts'
import { fromSyncThrow } from '../from-sync-throw.ts'
import { isUnavailable } from '../store-failure.ts'
import type { AcquireTimes, Lease } from './lease.ts'
import { LeaseBook } from './lease-book.ts'

/** What acquires and spends. */
export interface LeaseRefillerConfig {
  readonly store: LeasingStore
  readonly clock: Clock
  readonly timers: Pick<Clock, 'after'>
  /** Callers with less time than this do not wait for an acquire. */
  readonly deadlineMs: number
  readonly onAnswer: (source: Source) => void
  /** Decides where an acquire failed; null: the failure is passed on. */
  readonly onFailure: FailureDecider | null
}

/** Decides in place of a store that gave no answer, for a reason. */
export type FailureDecider = (verb: Verb, requests: readonly BudgetRequest[], reason: unknown) => Verdicts

/** Most refunds in one call: it must not hold the store up for long. */
const REFUNDS_MAX = 64

/** Acquires units and spends them. */
export class LeaseRefiller {
  readonly book: LeaseBook
  readonly #config: LeaseRefillerConfig
  readonly #clock: Clock
  readonly #acquires = new Set<Promise<unknown>>()
  readonly #returns = new Set<Promise<unknown>>()

  constructor(config: LeaseRefillerConfig) {
    this.#config = config
    this.#clock = config.clock
    this.book = new LeaseBook(config.clock, config.timers, (refunds) => this.#giveBack(refunds))
  }

  /** The decision from what is held, in an array of its own, or null. */
  spend(verb: Verb, requests: readonly BudgetRequest[]): Verdicts | null {
    const [request] = requests
    if (request === undefined) return null
    if (requests.length > 1) return this.#spendAll(verb, requests)
    const lease = this.book.find(request)
    if (lease === undefined) return null
    const now = this.#clock.now()
    if (verb === 'peek') return this.#counted(lease.peek(request.cost, now))
    const verdicts = lease.spend(request.cost, now)
    if (verdicts === null) return null
    this.#spent(lease, request, now)
    return this.#counted(verdicts)
  }

  async decide(verb: Verb, requests: readonly BudgetRequest[], given: DecideOptions = {}): Promise<Verdicts> {
    const held = this.spend(verb, requests)
    if (held !== null) return held
    const now = this.#clock.now()
    const leases = verb === 'peek' ? [] : requests.map((request) => this.#asked(request, now))
    const [request, lease] = [requests[0] as BudgetRequest, leases[0]]
    if (requests.length === 1 && lease?.isHot(now, request.cost))
      return this.#fromAcquire(lease, request, given)
    leases.forEach((one, i) => {
      const own = requests[i] as BudgetRequest
      if (one?.isHot(now, own.cost) && one.wantsMore(now)) this.#refill(one, own)
    })
    return this.#config.store.decide(verb, requests, given)
  }

  async release(): Promise<void> {
    this.#giveBack(this.book.clear())
    await Promise.all(this.#acquires)
    await Promise.all(this.#returns)
  }

  #spendAll(verb: Verb, requests: readonly BudgetRequest[]): Verdicts | null {
    const now = this.#clock.now()
    const held: { lease: Lease; request: BudgetRequest; verdicts: Verdicts }[] = []
    for (const request of requests) {
      const lease = this.book.find(request)
      const verdicts = lease?.peek(request.cost, now) ?? null
      if (lease === undefined || verdicts === null) return null
      held.push({ lease, request, verdicts })
    }
    if (verb !== 'peek') {
      for (const { lease, request } of held) {
        lease.spend(request.cost, now)
        this.#spent(lease, request, now)
      }
    }
    const times = held.map(({ verdicts }) => verdicts.now)
    const numbers = held.flatMap(({ verdicts }) => Array.from(verdicts.numbers))
    return this.#counted({ now: Math.max(...times), numbers, source: 'lease', times })
  }

  #spent(lease: Lease, request: BudgetRequest, now: number): void {
    lease.demand.add(request.cost)
    if (lease.isLow(now)) this.#refill(lease, request)
  }

  #asked(request: BudgetRequest, now: number): Lease | undefined {
    const lease = this.book.open(request, now)
    lease?.demand.add(request.cost)
    return lease
  }

  /** Acquires, or waits for the pending acquire if that ends in time and will have something left. */
  async #fromAcquire(lease: Lease, request: BudgetRequest, given: DecideOptions): Promise<Verdicts> {
    const { pendingAcquire } = lease
    const { store, deadlineMs: ownMs } = this.#config
    const { deadlineMs = ANSWER_MS } = given
    const now = this.#clock.now()
    const untilUs = now + deadlineMs * 1000
    if (pendingAcquire === null) {
      if (deadlineMs >= ownMs) return this.#acquireFor(lease, request, given)
      // An acquire may take longer than this caller can wait.
      if (lease.wantsMore(now)) this.#refill(lease, request)
      return store.decide('consume', [request], given)
    }
    if (pendingAcquire.endsAtUs > untilUs || pendingAcquire.unclaimed < request.cost) {
      return store.decide('consume', [request], given)
    }
    pendingAcquire.unclaimed -= request.cost
    await pendingAcquire.answer.catch(() => {})
    const then = this.#clock.now()
    const held = lease.spend(request.cost, then)
    if (held !== null) return this.#counted(held)
    return store.decide('consume', [request], { ...given, deadlineMs: Math.max(0, (untilUs - then) / 1000) })
  }

  async #acquireFor(lease: Lease, request: BudgetRequest, given: DecideOptions): Promise<Verdicts> {
    try {
      return this.#counted(await this.#acquire(lease, request, given))
    } catch (reason) {
      const { onFailure } = this.#config
      // It may have been carried out all the same: asked again, the store might charge twice (G9).
      if (onFailure === null || !isUnavailable(reason)) throw reason
      return onFailure('consume', [request], reason)
    }
  }

  #counted<V extends Verdicts | null>(verdicts: V): V {
    if (verdicts !== null) this.#config.onAnswer(verdicts.source)
    return verdicts
  }

  /** Acquires in the background for later callers; where that fails, they will learn of it. */
  #refill(lease: Lease, { budget, key }: BudgetRequest): void {
    this.#acquire(lease, { budget, key, cost: 0 }, {}).catch(() => {})
  }

  /** Acquires more than a call of this cost, and answers that call. */
  #acquire(lease: Lease, request: BudgetRequest, { deadlineMs }: DecideOptions): Promise<Verdicts> {
    const { cost } = request
    const askedAtUs = this.#clock.now()
    let sentAtUs = askedAtUs
    const size = Math.max(cost, lease.demand.nextSize(askedAtUs))
    const onSend = (): boolean => {
      sentAtUs = this.#clock.now()
      return true
    }
    const kept = fromSyncThrow(() =>
      this.#config.store.acquire({ ...request, cost: size }, Math.max(1, cost), { deadlineMs, onSend }),
    ).then(
      (grant) => {
        lease.pendingAcquire = null
        return this.#keep(lease, grant, cost, { askedAtUs, sentAtUs, answeredAtUs: this.#clock.now() })
      },
      (reason: unknown) => {
        lease.pendingAcquire = null
        throw reason
      },
    )
    const endsAtUs = askedAtUs + (deadlineMs ?? ANSWER_MS) * 1000
    lease.pendingAcquire = { answer: kept, endsAtUs, unclaimed: size - cost }
    track(this.#acquires, kept)
    return kept
  }

  #keep(lease: Lease, grant: Grant, cost: number, times: AcquireTimes): Verdicts {
    if (grant.granted === 0) lease.denied(grant, times.answeredAtUs)
    // Its key was reset: the store may have forgotten that it gave them.
    if (grant.granted === 0 || lease.end === 'lost') return grant
    const told = lease.add(grant, cost, times)
    if (lease.end === 'given-back') this.#giveBack(this.book.close(lease))
    return told
  }

  /** Gives back; what cannot be given back drains. */
  #giveBack(refunds: readonly Refund[]): void {
    const { store } = this.#config
    for (let i = 0; i < refunds.length; i += REFUNDS_MAX) {
      const some = refunds.slice(i, i + REFUNDS_MAX)
      track(
        this.#returns,
        fromSyncThrow(() => store.refund(some)),
      )
    }
  }
}

/** Holds a promise until it is settled, whichever way. */
function track(promises: Set<Promise<unknown>>, promise: Promise<unknown>): void {
  const settled: Promise<unknown> = promise.catch(() => {}).finally(() => promises.delete(settled))
  promises.add(settled)
}
