import { NEVER, REMAINING, RESET, VERDICT_SIZE, WAIT } from '../../core/algorithm.ts'
import type { Budget } from '../../core/budget.ts'
import type { Rule } from '../../core/rule.ts'
import { receiptOf } from '../../core/rule-receipt.ts'
import type { BudgetKey, Grant, Refund, Verdicts } from '../../core/store.ts'
import { DemandMeter } from './demand-meter.ts'

/** How long after its lifetime a grant's rest may still come back: the store remembers each for so long. */
const GIVE_BACK_US = 10_000_000

/** Units acquired in one step, to be spent here until they expire. */
interface Holding {
  left: number
  /** Counted from sending the acquire, so that it ends no later than the store thinks (G8). */
  readonly endsAtUs: number
  /** What the store said: its time and its verdicts. */
  readonly now: number
  readonly numbers: readonly number[]
}

/** The acquire of one key that is pending. */
export interface PendingAcquire {
  readonly answer: Promise<unknown>
  /** When whoever waits for it gives up. */
  readonly endsAtUs: number
  /** Units asked for that nobody waits for yet. */
  unclaimed: number
}

/** When an acquire was asked for, sent and answered. */
export interface AcquireTimes {
  readonly askedAtUs: number
  readonly sentAtUs: number
  readonly answeredAtUs: number
}

/** How long no acquire is tried after one that can never pass. */
const NEVER_US = 1_000_000

/** The units that this process holds of one key. */
export class Lease {
  readonly budget: Budget
  readonly key: string
  readonly demand: DemandMeter
  readonly #lifetimeUs: number
  /** Oldest first, which is spent first: mostly one, and a second that was acquired while the first lasted. */
  #holdings: Holding[] = []
  /** What the last acquire left in the store, rule by rule. */
  #remaining: readonly number[] = []
  pendingAcquire: PendingAcquire | null = null
  /** Until when the store would deny another acquire. */
  #deniedUntilUs = 0
  /** What becomes of units that arrive after it was forgotten: they are given back, or are no more. */
  end: 'none' | 'given-back' | 'lost' = 'none'

  constructor({ budget, key }: BudgetKey, now: number) {
    const { max, lifetimeUs } = budget.lease as NonNullable<Budget['lease']>
    this.budget = budget
    this.key = key
    this.demand = new DemandMeter({ max, lifetimeUs }, now)
    this.#lifetimeUs = lifetimeUs
  }

  /** What a call of this cost would get from here; null when it has to be asked for. */
  peek(cost: number, now: number): Verdicts | null {
    const holding = this.#find(cost, now)
    return holding === null ? null : this.#verdicts(holding, this.#left(now) - cost)
  }

  /** What a call of this cost gets from here, spending it. */
  spend(cost: number, now: number): Verdicts | null {
    const holding = this.#find(cost, now)
    if (holding === null) return null
    holding.left -= cost
    return this.#verdicts(holding, this.#left(now))
  }

  /** Whether the last spend left so little that it is time to acquire more, before anybody has to wait for it. */
  isLow(now: number): boolean {
    return this.wantsMore(now) && this.#left(now) <= this.demand.lowAt
  }

  /** Whether an acquire may begin. */
  wantsMore(now: number): boolean {
    return this.pendingAcquire === null && now >= this.#deniedUntilUs
  }

  /** Whether a call of this cost is not alone: the key was asked for before, within the lifetime. */
  isHot(now: number, cost: number): boolean {
    return this.pendingAcquire !== null || this.demand.isHot(now, cost)
  }

  /** Keeps what an acquire got beyond what its caller spends; answers what that caller is told. */
  add({ granted, now, numbers }: Grant, spent: number, times: AcquireTimes): Verdicts {
    const { rules } = this.budget
    const own = Array.from(numbers).slice(0, rules.length * VERDICT_SIZE)
    let lastsUs = this.#lifetimeUs
    rules.forEach(({ algorithm }, i) => {
      // Units of a window are no use after its edge; what the windows of a custom algorithm are, is not known.
      if (algorithm.custom !== true && !algorithm.lapsesAtReset) return
      lastsUs = Math.min(lastsUs, own[i * VERDICT_SIZE + RESET] as number)
    })
    this.demand.measured(times.answeredAtUs - times.askedAtUs)
    this.#remaining = rules.map((_, i) => own[i * VERDICT_SIZE + REMAINING] as number)
    const holding = { left: granted - spent, endsAtUs: times.sentAtUs + lastsUs, now, numbers: own }
    this.#holdings = [...this.#holdings.filter(({ left }) => left > 0), holding]
    return { now, numbers: this.#told(own, this.#left(times.answeredAtUs)), source: 'store' }
  }

  /** Notes that the store denied an acquire: until when it would deny another one. */
  denied({ numbers }: Grant, now: number): void {
    this.budget.rules.forEach((_, i) => {
      const wait = numbers[i * VERDICT_SIZE + WAIT] as number
      this.#deniedUntilUs = Math.max(this.#deniedUntilUs, now + (wait <= NEVER ? NEVER_US : wait))
    })
  }

  /** Removes what is used up or has expired; answers what is to be given back. */
  sweep(now: number): Omit<Refund, 'id'>[] {
    if (this.#holdings.length === 0) return []
    const over = this.#holdings.filter(({ left, endsAtUs }) => left === 0 || now >= endsAtUs)
    if (over.length === 0) return []
    this.#holdings = this.#holdings.filter((holding) => !over.includes(holding))
    return over.filter(({ left }) => left > 0).map((holding) => this.#refundOf(holding))
  }

  /** Whether it can be forgotten: nothing is held, and nobody asked for a while. */
  isIdle(now: number): boolean {
    return this.#holdings.length === 0 && this.pendingAcquire === null && this.demand.isQuiet(now)
  }

  /** The first holding that has enough. */
  #find(cost: number, now: number): Holding | null {
    const all = this.#holdings
    for (let i = 0; i < all.length; i++) {
      const holding = all[i] as Holding
      if (holding.left >= cost && now < holding.endsAtUs) return holding
    }
    return null
  }

  /** Units that are held now. */
  #left(now: number): number {
    let units = 0
    const all = this.#holdings
    for (let i = 0; i < all.length; i++) {
      const holding = all[i] as Holding
      if (now < holding.endsAtUs) units += holding.left
    }
    return units
  }

  #verdicts({ now, numbers }: Holding, left: number): Verdicts {
    return { now, numbers: this.#told(numbers, left), source: 'lease' }
  }

  /** What the store said of its spend, with what is left there and here. */
  #told(from: readonly number[], left: number): number[] {
    const numbers = from.slice()
    const { rules } = this.budget
    for (let i = 0; i < rules.length; i++) {
      const remaining = (this.#remaining[i] as number) + left
      numbers[i * VERDICT_SIZE + REMAINING] = Math.min((rules[i] as Rule).capacity, remaining)
    }
    return numbers
  }

  #refundOf({ left, now, numbers }: Holding): Omit<Refund, 'id'> {
    const { budget, key } = this
    const rules = budget.rules.map((_, i) => receiptOf(numbers, i * VERDICT_SIZE, now))
    return { budget, key, cost: left, rules, endsAtUs: now + this.#lifetimeUs + GIVE_BACK_US }
  }
}
