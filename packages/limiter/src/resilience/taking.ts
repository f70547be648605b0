import type { Clock } from '../core/clock.ts'
import type { Source } from '../core/decision.ts'
import type { Ask, Refund, Store, Taken, Verb, Verdicts } from '../core/store.ts'
import { isUnavailable } from './failure.ts'
import type { Lease } from './lease.ts'
import { LeaseBook } from './lease-book.ts'
import { promised } from './promised.ts'

/** What takes and spends. */
export interface TakingConfig {
  readonly store: Store
  readonly take: NonNullable<Store['take']>
  readonly clock: Clock
  readonly timers: Pick<Clock, 'after'>
  readonly deadlineMs: number
  readonly onAnswer: (source: Source) => void
}

/** Most refunds in one call: it must not hold the store up for long. */
const REFUNDS_MAX = 64

/** Takes units and spends them. */
export class Taking {
  readonly book: LeaseBook
  readonly #config: TakingConfig
  readonly #clock: Clock
  readonly #takes = new Set<Promise<unknown>>()
  readonly #returns = new Set<Promise<unknown>>()

  constructor(config: TakingConfig) {
    this.#config = config
    this.#clock = config.clock
    this.book = new LeaseBook(config.clock, config.timers, (refunds) => this.#giveBack(refunds))
  }

  /** The decision from what is held, or null. */
  spend(verb: Verb, asks: readonly Ask[]): Verdicts | null {
    const [ask] = asks
    if (ask === undefined) return null
    const looks = verb === 'peek'
    return asks.length > 1 ? this.#spendAll(asks, looks) : this.spendOne(ask, looks)
  }

  /** What one ask gets from what is held, or null: the hot path. */
  spendOne(ask: Ask, looks: boolean): Verdicts | null {
    const lease = this.book.find(ask)
    if (lease === undefined) return null
    const now = this.#clock.now()
    const verdicts = lease.spend(ask.cost, now, looks)
    if (verdicts === null) return null
    if (!looks) this.#spent(lease, ask, now)
    return this.#counted(verdicts)
  }

  async decide(verb: Verb, asks: readonly Ask[], deadlineMs?: number): Promise<Verdicts> {
    const held = this.spend(verb, asks)
    if (held !== null) return copyOf(held)
    const now = this.#clock.now()
    const leases = verb === 'peek' ? [] : asks.map((ask) => this.#asked(ask, now))
    const [ask, lease] = [asks[0] as Ask, leases[0]]
    if (asks.length === 1 && lease?.isHot(now, ask.cost)) return this.#fromTake(lease, ask, now, deadlineMs)
    leases.forEach((one, i) => {
      const own = asks[i] as Ask
      if (one?.isHot(now, own.cost) && one.wantsMore(now)) this.#refill(one, own, now)
    })
    return this.#config.store.decide(verb, asks, deadlineMs)
  }

  async release(): Promise<void> {
    this.#giveBack(this.book.clear())
    await Promise.all(this.#takes)
    await Promise.all(this.#returns)
  }

  #spendAll(asks: readonly Ask[], looks: boolean): Verdicts | null {
    const now = this.#clock.now()
    const held: { lease: Lease; ask: Ask }[] = []
    for (const ask of asks) {
      const lease = this.book.find(ask)
      if (lease?.spend(ask.cost, now, true) == null) return null
      held.push({ lease, ask })
    }
    const all = held.map(({ lease, ask }) => copyOf(lease.spend(ask.cost, now, looks) as Verdicts))
    if (!looks) for (const { lease, ask } of held) this.#spent(lease, ask, now)
    const times = all.map((one) => one.now)
    const numbers = all.flatMap((one) => Array.from(one.numbers))
    return this.#counted({ now: Math.max(...times), numbers, source: 'lease', times })
  }

  #spent(lease: Lease, ask: Ask, now: number): void {
    lease.asked(ask.cost)
    if (lease.isLow(now)) this.#refill(lease, ask, now)
  }

  #asked(ask: Ask, now: number): Lease | undefined {
    const lease = this.book.open(ask, now)
    lease?.asked(ask.cost)
    return lease
  }

  /** Takes, or waits for the take under way if that will have something left. */
  async #fromTake(lease: Lease, ask: Ask, now: number, deadlineMs?: number): Promise<Verdicts> {
    const { takeUnderWay } = lease
    const { store, deadlineMs: ownMs } = this.#config
    // A take has our deadline, which this caller cannot wait for.
    const isHurried = deadlineMs !== undefined && deadlineMs < ownMs
    if (isHurried && takeUnderWay === null && lease.wantsMore(now)) this.#refill(lease, ask, now)
    if (isHurried || (takeUnderWay !== null && takeUnderWay.unclaimed < ask.cost)) {
      return store.decide('consume', [ask], deadlineMs)
    }
    if (takeUnderWay === null) return this.#take(lease, ask, now)
    takeUnderWay.unclaimed -= ask.cost
    await takeUnderWay.answer.catch(() => {})
    const then = this.#clock.now()
    const held = lease.spend(ask.cost, then, false)
    if (held !== null) return this.#counted(copyOf(held))
    // With nothing left of the deadline, whoever stands in for the store answers at once.
    return store.decide('consume', [ask], Math.max(0, ownMs - (then - now) / 1000))
  }

  async #take(lease: Lease, ask: Ask, now: number): Promise<Verdicts> {
    try {
      return this.#counted(await this.#takeMore(lease, ask, ask.cost, now))
    } catch (reason) {
      // It may have been carried out all the same: asked again, the store might charge twice (G9).
      return this.#config.store.decide('consume', [ask], isUnavailable(reason) ? 0 : undefined)
    }
  }

  #counted(verdicts: Verdicts): Verdicts {
    this.#config.onAnswer(verdicts.source)
    return verdicts
  }

  /** Takes in the background; where that fails, callers will learn of it. */
  #refill(lease: Lease, ask: Ask, now: number): void {
    this.#takeMore(lease, ask, 0, now).catch(() => {})
  }

  /** Takes more than a call of `cost`, and answers that call. */
  #takeMore(lease: Lease, ask: Ask, cost: number, sentAtUs: number): Promise<Verdicts> {
    const size = lease.nextSize(cost, sentAtUs)
    const { take, deadlineMs } = this.#config
    const kept = promised(() => take({ ...ask, cost: size }, Math.max(1, cost), deadlineMs)).then(
      (taken) => {
        lease.takeUnderWay = null
        return this.#keep(lease, taken, cost, sentAtUs)
      },
      (reason: unknown) => {
        lease.takeUnderWay = null
        throw reason
      },
    )
    lease.takeUnderWay = { answer: kept, unclaimed: size - cost }
    track(this.#takes, kept)
    return kept
  }

  #keep(lease: Lease, taken: Taken, cost: number, sentAtUs: number): Verdicts {
    const at = this.#clock.now()
    if (taken.granted === 0) lease.denied(taken, at)
    // Its key was reset: the store may have forgotten that it gave them.
    if (taken.granted === 0 || lease.end === 'lost') return taken
    const told = lease.add(taken, cost, { sentAtUs, at })
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
        promised(() => store.refund(some)),
      )
    }
  }
}

/** Holds a promise until it is settled, whichever way. */
function track(promises: Set<Promise<unknown>>, promise: Promise<unknown>): void {
  const settled: Promise<unknown> = promise.catch(() => {}).finally(() => promises.delete(settled))
  promises.add(settled)
}

function copyOf(verdicts: Verdicts): Verdicts {
  return { ...verdicts, numbers: Array.from(verdicts.numbers) }
}
