import { type Clock, systemClock } from '../core/clock.ts'
import type { Ask, Refund, Store, Verb, Verdicts } from '../core/store.ts'
import { checkFields } from '../core/validate.ts'
import { DEADLINE_MS } from './deadline.ts'
import type { AtOnce } from './deny-cache.ts'
import type { Lease } from './lease.ts'
import { LeaseBook } from './lease-book.ts'
import { backgroundClock } from './steady-clock.ts'
import { wrapping } from './wrapping.ts'

/** Options of {@link withLeases}. */
export interface LeasesOptions {
  /**
   * Time that leases last by; the process may be suspended, and then more of it has passed.
   * @default the system's
   */
  readonly clock?: Clock
  /**
   * Ends leases.
   * @default the system's, with timers that let the process end
   */
  readonly timers?: Pick<Clock, 'after'>
  /**
   * How long a decision may take that waits for a take, in milliseconds, unless its caller is in a greater hurry.
   * @default 15
   */
  readonly deadlineMs?: number
  /** Told of each decision that was answered from a lease. */
  readonly onAnswer?: () => void
}

/** A store with leases in front of it. */
export interface Leases extends AtOnce {
  /** Gives back what is held. */
  release(): Promise<void>
}

/**
 * Answers decisions of policies with a `lease` from units taken beforehand, when all policies of the decision have
 * one. A key that is asked for again and again takes a block of units in one step, sized to its own demand, and takes
 * the next when half of it is spent. What is left returns when the lease ends, and with `release`.
 */
export function withLeases(store: Store | AtOnce, options: LeasesOptions = {}): Leases {
  checkFields(options, ['clock', 'timers', 'deadlineMs', 'onAnswer'], 'withLeases')
  const { clock = systemClock(), deadlineMs: ownMs = DEADLINE_MS, onAnswer = () => {} } = options
  const timers = options.timers ?? options.clock ?? backgroundClock
  const { take } = store
  const beneath = store.decideAtOnce?.bind(store)
  const beneathOne = store.consumeAtOnce?.bind(store)
  const taking =
    take === undefined ? null : new Taking({ store, take: take.bind(store), clock, timers, onAnswer })
  return {
    ...wrapping(store, (call) => call()),
    synchronous: false,
    decideAtOnce(verb, asks) {
      const held = taking !== null && isLeased(verb, asks) ? taking.spend(verb, asks) : null
      return held ?? beneath?.(verb, asks) ?? null
    },
    consumeAtOnce(ask) {
      const held = taking !== null && ask.budget.lease !== undefined ? taking.spendOne('consume', ask) : null
      return held ?? beneathOne?.(ask) ?? null
    },
    decide(verb, asks, deadlineMs) {
      if (taking === null || !isLeased(verb, asks)) return store.decide(verb, asks, deadlineMs)
      return taking.decide(verb, asks, Math.min(deadlineMs ?? ownMs, ownMs))
    },
    async reset(asks) {
      taking?.book.drop(asks)
      await store.reset(asks)
    },
    async release() {
      await taking?.release()
    },
    async close() {
      await taking?.release()
      await store.close()
    },
  }
}

/** Whether leases may answer: all policies have one, and something is asked for that a limit bounds. */
function isLeased(verb: Verb, asks: readonly Ask[]): boolean {
  if (verb === 'charge') return false
  for (const { budget, cost } of asks) if (budget.lease === undefined || cost === 0) return false
  return true
}

interface TakingConfig {
  readonly store: Store
  readonly take: NonNullable<Store['take']>
  readonly clock: Clock
  readonly timers: Pick<Clock, 'after'>
  readonly onAnswer: () => void
}

/** Takes units and spends them. */
class Taking {
  readonly book: LeaseBook
  readonly #config: TakingConfig
  #released = false

  constructor(config: TakingConfig) {
    this.#config = config
    this.book = new LeaseBook(config.clock, config.timers, (refunds) => this.#giveBack(refunds))
  }

  /** The decision from what is held, or null. */
  spend(verb: Verb, asks: readonly Ask[]): Verdicts | null {
    const [ask] = asks
    if (ask === undefined) return null
    return asks.length > 1 ? this.#spendAll(verb, asks) : this.spendOne(verb, ask)
  }

  spendOne(verb: Verb, ask: Ask): Verdicts | null {
    const lease = this.book.find(ask)
    if (lease === undefined) return null
    const now = this.#config.clock.now()
    const verdicts = lease.spend(ask.cost, now, verb === 'peek')
    if (verdicts === null) return null
    if (verb !== 'peek') this.#spent(lease, ask, now)
    return this.#counted(verdicts)
  }

  async decide(verb: Verb, asks: readonly Ask[], deadlineMs: number): Promise<Verdicts> {
    const held = this.spend(verb, asks)
    if (held !== null) return copyOf(held)
    const now = this.#config.clock.now()
    const leases = verb === 'peek' ? [] : asks.map((ask) => this.#asked(ask, now))
    const [ask, lease] = [asks[0] as Ask, leases[0]]
    if (asks.length === 1 && lease?.isHot(now)) return this.#fromTake(lease, ask, now, deadlineMs)
    leases.forEach((one, i) => {
      if (one?.isHot(now) && one.wantsMore(now)) this.#refill(one, asks[i] as Ask, now)
    })
    return this.#config.store.decide(verb, asks, deadlineMs)
  }

  async release(): Promise<void> {
    this.#released = true
    await this.#giveBack(this.book.clear())
  }

  #spendAll(verb: Verb, asks: readonly Ask[]): Verdicts | null {
    const now = this.#config.clock.now()
    const held: { lease: Lease; ask: Ask }[] = []
    for (const ask of asks) {
      const lease = this.book.find(ask)
      if (lease?.spend(ask.cost, now, true) == null) return null
      held.push({ lease, ask })
    }
    const looks = verb === 'peek'
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

  /** Waits for the take under way if that will have something left, or takes. */
  async #fromTake(lease: Lease, ask: Ask, now: number, deadlineMs: number): Promise<Verdicts> {
    const { takeUnderWay } = lease
    const { store, clock } = this.#config
    if (takeUnderWay === null) {
      const taken = await this.#takeMore(lease, ask, ask.cost, now).catch(() => null)
      if (taken !== null) return taken
    } else if (takeUnderWay.unclaimed >= ask.cost) {
      takeUnderWay.unclaimed -= ask.cost
      await takeUnderWay.answer.catch(() => {})
    }
    const then = clock.now()
    const held = lease.spend(ask.cost, then, false)
    if (held !== null) return this.#counted(copyOf(held))
    // With nothing left of the deadline, whoever stands in for the store answers at once.
    return store.decide('consume', [ask], deadlineMs - (then - now) / 1000)
  }

  #counted(verdicts: Verdicts): Verdicts {
    this.#config.onAnswer()
    return verdicts
  }

  /** Takes in the background; where that fails, callers will learn of it. */
  #refill(lease: Lease, ask: Ask, now: number): void {
    this.#takeMore(lease, ask, 0, now).catch(() => {})
  }

  /** Takes more than a call of `cost`, and answers that call. */
  async #takeMore(lease: Lease, ask: Ask, cost: number, now: number): Promise<Verdicts> {
    const size = lease.nextSize(cost, now)
    const answer = this.#config.take({ ...ask, cost: size }, Math.max(1, cost))
    lease.takeUnderWay = { answer, unclaimed: size - cost }
    try {
      const taken = await answer
      if (taken.source !== 'store') return taken
      if (taken.granted > 0) return lease.add(taken, cost, now)
      lease.deniedUntilUs = this.#config.clock.now() + (taken.numbers[0] as number)
      return taken
    } finally {
      lease.takeUnderWay = null
      if (this.#released) await this.release()
    }
  }

  async #giveBack(refunds: readonly Refund[]): Promise<void> {
    // What cannot be given back drains.
    if (refunds.length > 0) await this.#config.store.refund(refunds).catch(() => {})
  }
}

function copyOf(verdicts: Verdicts): Verdicts {
  return { ...verdicts, numbers: Array.from(verdicts.numbers) }
}
