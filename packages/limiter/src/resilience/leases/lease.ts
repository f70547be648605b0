import { NEVER, REMAINING, RESET, VERDICT_SIZE, WAIT } from '../../core/algorithm.ts'
import type { Budget } from '../../core/budget.ts'
import type { Rule } from '../../core/rule.ts'
import { ruleReceiptOf } from '../../core/rule-receipt.ts'
import type { BudgetKey, Grant, Refund, Verdicts } from '../../core/store.ts'
import { DemandMeter } from './demand-meter.ts'

/** How long after the end of a grant the store accepts the refund of its unspent units. */
const REFUND_US = 10_000_000

/** A grant that this process holds: units to spend until they expire. */
interface HeldGrant {
  /** Units not spent yet. */
  left: number
  /** Counted from sending the acquire, so that it is never later than the store assumes (G8). */
  readonly endsAtUs: number
  /** The store's time and verdicts at the acquire. */
  readonly now: number
  readonly numbers: readonly number[]
}

/** The pending acquire of a key. */
export interface PendingAcquire {
  readonly answer: Promise<unknown>
  /** The deadline of the acquire. */
  readonly endsAtUs: number
  /** Units requested that no waiting call counts on yet. */
  unclaimed: number
}

/** When an acquire was requested, sent and answered. */
export interface AcquireTimes {
  readonly requestedAtUs: number
  readonly sentAtUs: number
  readonly answeredAtUs: number
}

/** How long no acquire is made after one was denied with {@link NEVER}. */
const NEVER_US = 1_000_000

/** The lease of one key: the grants that this process holds. */
export class Lease {
  readonly budget: Budget
  readonly key: string
  readonly demand: DemandMeter
  readonly #lifetimeUs: number
  /** Oldest first, which is spent first. Usually one, and a second that was acquired before the first was spent. */
  #grants: HeldGrant[] = []
  /** Units that remained in the store after the last acquire, by rule. */
  #remaining: readonly number[] = []
  pendingAcquire: PendingAcquire | null = null
  /** Until when the store would deny another acquire. */
  #deniedUntilUs = 0
  /**
   * Set when the lease has ended, for a grant that arrives later: its units are given back, or were lost, since the
   * state in the store was reset.
   */
  end: 'none' | 'given-back' | 'lost' = 'none'

  constructor({ budget, key }: BudgetKey, now: number) {
    const { max, lifetimeUs } = budget.lease as NonNullable<Budget['lease']>
    this.budget = budget
    this.key = key
    this.demand = new DemandMeter({ max, lifetimeUs }, now)
    this.#lifetimeUs = lifetimeUs
  }

  /** The verdicts that `spend` would return now; spends nothing. */
  peek(cost: number, now: number): Verdicts | null {
    const grant = this.#find(cost, now)
    return grant === null ? null : this.#verdicts(grant, this.#left(now) - cost)
  }

  /** Spends from a grant; null if none has enough, so that the store has to decide. */
  spend(cost: number, now: number): Verdicts | null {
    const grant = this.#find(cost, now)
    if (grant === null) return null
    grant.left -= cost
    return this.#verdicts(grant, this.#left(now))
  }

  /** Whether so few units are left that more should be acquired now, before calls have to wait for them. */
  isLow(now: number): boolean {
    return this.canAcquire(now) && this.#left(now) <= this.demand.refillAt
  }

  /** Whether an acquire may begin: none is pending, and the store would not deny it. */
  canAcquire(now: number): boolean {
    return this.pendingAcquire === null && now >= this.#deniedUntilUs
  }

  /** Whether the key was requested before this call (of cost `cost`, already counted), within the lifetime. */
  isHot(now: number, cost: number): boolean {
    return this.pendingAcquire !== null || this.demand.isHot(now, cost)
  }

  /** Keeps a grant, less the units that the acquiring call spends; returns the verdicts of that call. */
  add({ granted, now, numbers }: Grant, spent: number, times: AcquireTimes): Verdicts {
    const { rules } = this.budget
    const copy = Array.from(numbers).slice(0, rules.length * VERDICT_SIZE)
    let lifetimeUs = this.#lifetimeUs
    rules.forEach(({ algorithm }, i) => {
      // Units of a fixed window must not outlive it. A custom algorithm may have windows, so it is treated alike.
      if (algorithm.custom !== true && !algorithm.lapsesAtReset) return
      lifetimeUs = Math.min(lifetimeUs, copy[i * VERDICT_SIZE + RESET] as number)
    })
    this.demand.recordLatency(times.answeredAtUs - times.requestedAtUs)
    this.#remaining = rules.map((_, i) => copy[i * VERDICT_SIZE + REMAINING] as number)
    const grant = { left: granted - spent, endsAtUs: times.sentAtUs + lifetimeUs, now, numbers: copy }
    this.#grants = [...this.#grants.filter(({ left }) => left > 0), grant]
    return { now, numbers: this.#numbersWith(copy, this.#left(times.answeredAtUs)), source: 'store' }
  }

  /** Records that the store denied an acquire, and for how long it would deny another one. */
  recordDenial({ numbers }: Grant, now: number): void {
    this.budget.rules.forEach((_, i) => {
      const wait = numbers[i * VERDICT_SIZE + WAIT] as number
      this.#deniedUntilUs = Math.max(this.#deniedUntilUs, now + (wait <= NEVER ? NEVER_US : wait))
    })
  }

  /** Removes grants that are spent or expired; returns refunds of their unspent units. */
  sweep(now: number): Omit<Refund, 'id'>[] {
    if (this.#grants.length === 0) return []
    const ended = this.#grants.filter(({ left, endsAtUs }) => left === 0 || now >= endsAtUs)
    if (ended.length === 0) return []
    this.#grants = this.#grants.filter((grant) => !ended.includes(grant))
    return ended.filter(({ left }) => left > 0).map((grant) => this.#refundOf(grant))
  }

  /** Whether the lease can be dropped: it holds nothing, and there was no demand for a while. */
  isIdle(now: number): boolean {
    return this.#grants.length === 0 && this.pendingAcquire === null && this.demand.isQuiet(now)
  }

  /** The first grant with enough units. */
  #find(cost: number, now: number): HeldGrant | null {
    const grants = this.#grants
    for (let i = 0; i < grants.length; i++) {
      const grant = grants[i] as HeldGrant
      if (grant.left >= cost && now < grant.endsAtUs) return grant
    }
    return null
  }

  /** Unspent units of all grants. */
  #left(now: number): number {
    let units = 0
    const grants = this.#grants
    for (let i = 0; i < grants.length; i++) {
      const grant = grants[i] as HeldGrant
      if (now < grant.endsAtUs) units += grant.left
    }
    return units
  }

  #verdicts({ now, numbers }: HeldGrant, left: number): Verdicts {
    return { now, numbers: this.#numbersWith(numbers, left), source: 'lease' }
  }

  /** A copy of the acquire's verdicts whose `remaining` counts units in the store and in this lease. */
  #numbersWith(verdicts: readonly number[], left: number): number[] {
    const numbers = verdicts.slice()
    const { rules } = this.budget
    for (let i = 0; i < rules.length; i++) {
      const remaining = (this.#remaining[i] as number) + left
      numbers[i * VERDICT_SIZE + REMAINING] = Math.min((rules[i] as Rule).capacity, remaining)
    }
    return numbers
  }

  #refundOf({ left, now, numbers }: HeldGrant): Omit<Refund, 'id'> {
    const { budget, key } = this
    const rules = budget.rules.map((_, i) => ruleReceiptOf(numbers, i * VERDICT_SIZE, now))
    return { budget, key, cost: left, rules, endsAtUs: now + this.#lifetimeUs + REFUND_US }
  }
}
