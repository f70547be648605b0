import type { Budget } from '../../core/budget.ts'
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

/** Settings of a {@link LeaseRefiller}. */
export interface LeaseRefillerConfig {
  readonly store: LeasingStore
  readonly clock: Clock
  readonly timers: Pick<Clock, 'after'>
  /** Callers with less time than this do not wait for an acquire. */
  readonly deadlineMs: number
  readonly onAnswer: (source: Source) => void
  /** Decides when an acquire failed; null: the error is thrown. */
  readonly onFailure: FailureDecider | null
}

/** Decides in place of a store that failed with `reason`. */
export type FailureDecider = (verb: Verb, requests: readonly BudgetRequest[], reason: unknown) => Verdicts

/** The call that made an acquire. */
interface AcquiringCall {
  readonly cost: number
  readonly times: AcquireTimes
}

/** Most refunds in one call, so that it does not block the store for long. */
const REFUNDS_MAX = 64

/** Spends units of leases, and acquires more. */
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

  /** Decides from leases, with verdicts in an array of their own; null if the store has to decide. */
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

  async decide(
    verb: Verb,
    requests: readonly BudgetRequest[],
    options: DecideOptions = {},
  ): Promise<Verdicts> {
    const held = this.spend(verb, requests)
    if (held !== null) return held
    const now = this.#clock.now()
    const leases = verb === 'peek' ? [] : requests.map((request) => this.#recordDemand(request, now))
    const [request, lease] = [requests[0] as BudgetRequest, leases[0]]
    if (requests.length === 1 && lease?.isHot(now, request.cost))
      return this.#fromAcquire(lease, request, options)
    leases.forEach((one, i) => {
      const own = requests[i] as BudgetRequest
      if (one?.isHot(now, own.cost) && one.canAcquire(now)) this.#refill(one, own)
    })
    return this.#config.store.decide(verb, requests, options)
  }

  /** Gives back what is held, but under budgets that are still in force. */
  async release(inForce?: ReadonlySet<Budget>): Promise<void> {
    this.#giveBack(this.book.clear(inForce))
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

  #recordDemand(request: BudgetRequest, now: number): Lease | undefined {
    const lease = this.book.open(request, now)
    lease?.demand.add(request.cost)
    return lease
  }

  /** Acquires, or waits for the pending acquire if that ends in time and has enough unclaimed units. */
  async #fromAcquire(lease: Lease, request: BudgetRequest, options: DecideOptions): Promise<Verdicts> {
    const { pendingAcquire } = lease
    const { store, deadlineMs: ownMs } = this.#config
    const { deadlineMs = ANSWER_MS } = options
    const now = this.#clock.now()
    const untilUs = now + deadlineMs * 1000
    if (pendingAcquire === null) {
      if (deadlineMs >= ownMs) return this.#acquireFor(lease, request, options)
      // The caller cannot wait as long as an acquire may take.
      if (lease.canAcquire(now)) this.#refill(lease, request)
      return store.decide('consume', [request], options)
    }
    if (pendingAcquire.endsAtUs > untilUs || pendingAcquire.unclaimed < request.cost) {
      return store.decide('consume', [request], options)
    }
    pendingAcquire.unclaimed -= request.cost
    await pendingAcquire.answer.catch(() => {})
    const after = this.#clock.now()
    const held = lease.spend(request.cost, after)
    if (held !== null) return this.#counted(held)
    return store.decide('consume', [request], {
      ...options,
      deadlineMs: Math.max(0, (untilUs - after) / 1000),
    })
  }

  async #acquireFor(lease: Lease, request: BudgetRequest, options: DecideOptions): Promise<Verdicts> {
    try {
      return this.#counted(await this.#acquire(lease, request, options))
    } catch (reason) {
      const { onFailure } = this.#config
      // The store may have executed the acquire: if it were asked again, it might charge twice (G9).
      if (onFailure === null || !isUnavailable(reason)) throw reason
      return onFailure('consume', [request], reason)
    }
  }

  #counted<V extends Verdicts | null>(verdicts: V): V {
    if (verdicts !== null) this.#config.onAnswer(verdicts.source)
    return verdicts
  }

  /** Acquires in the background for later calls. A failure is ignored: those calls will get their own. */
  #refill(lease: Lease, { budget, key }: BudgetRequest): void {
    this.#acquire(lease, { budget, key, cost: 0 }, {}).catch(() => {})
  }

  /** Acquires units for this call and later ones; resolves to the verdicts of this call. */
  #acquire(lease: Lease, request: BudgetRequest, { deadlineMs }: DecideOptions): Promise<Verdicts> {
    const { cost } = request
    const requestedAtUs = this.#clock.now()
    let sentAtUs = requestedAtUs
    const size = Math.max(cost, lease.demand.nextSize(requestedAtUs))
    const onSend = (): boolean => {
      sentAtUs = this.#clock.now()
      return true
    }
    const answer = fromSyncThrow(() =>
      this.#config.store.acquire({ ...request, cost: size }, Math.max(1, cost), { deadlineMs, onSend }),
    ).then(
      (grant) => {
        lease.pendingAcquire = null
        const times = { requestedAtUs, sentAtUs, answeredAtUs: this.#clock.now() }
        return this.#accept(lease, grant, { cost, times })
      },
      (reason: unknown) => {
        lease.pendingAcquire = null
        throw reason
      },
    )
    const endsAtUs = requestedAtUs + (deadlineMs ?? ANSWER_MS) * 1000
    lease.pendingAcquire = { answer, endsAtUs, unclaimed: size - cost }
    track(this.#acquires, answer)
    return answer
  }

  /** Adds a grant to its lease; returns the verdicts of the call that acquired it. */
  #accept(lease: Lease, grant: Grant, { cost, times }: AcquiringCall): Verdicts {
    if (grant.granted === 0) lease.recordDenial(grant, times.answeredAtUs)
    // After a reset of the key the store may no longer count these units as spent, so they must not be used.
    if (grant.granted === 0 || lease.end === 'lost') return grant
    const verdicts = lease.add(grant, cost, times)
    if (lease.end === 'given-back') this.#giveBack(this.book.close(lease))
    return verdicts
  }

  /** Gives units back. Where that fails, they stay spent until they have drained. */
  #giveBack(refunds: readonly Refund[]): void {
    const { store } = this.#config
    for (let i = 0; i < refunds.length; i += REFUNDS_MAX) {
      const chunk = refunds.slice(i, i + REFUNDS_MAX)
      track(
        this.#returns,
        fromSyncThrow(() => store.refund(chunk)),
      )
    }
  }
}

/** Keeps a promise in a set until it has settled. */
function track(promises: Set<Promise<unknown>>, promise: Promise<unknown>): void {
  const settled: Promise<unknown> = promise.catch(() => {}).finally(() => promises.delete(settled))
  promises.add(settled)
}
