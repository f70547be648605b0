import type { Budget } from '../../core/budget.ts'
import type { Clock } from '../../core/clock.ts'
import { getOrAdd } from '../../core/get-or-add.ts'
import { spendId } from '../../core/spend-id.ts'
import type { BudgetKey, Refund, StateKey } from '../../core/store.ts'
import { Lease } from './lease.ts'

/** Most keys with a lease; calls of further keys go to the store. */
const LEASES_MAX = 10_000
const SWEEP_MS = 50

/** The leases of this process by budget and key, with one timer for all of them. */
export class LeaseBook {
  readonly #clock: Clock
  readonly #timers: Pick<Clock, 'after'>
  readonly #giveBack: (refunds: readonly Refund[]) => void
  readonly #leases = new Map<Budget, Map<string, Lease>>()
  #count = 0
  /** A cache of the last lookup: most calls in a row have the same budget. */
  #lastBudget: Budget | null = null
  #last: Map<string, Lease> | undefined
  #cancelTimer: (() => void) | null = null

  constructor(clock: Clock, timers: Pick<Clock, 'after'>, giveBack: (refunds: readonly Refund[]) => void) {
    this.#clock = clock
    this.#timers = timers
    this.#giveBack = giveBack
  }

  find({ budget, key }: BudgetKey): Lease | undefined {
    if (budget !== this.#lastBudget) {
      this.#last = this.#leases.get(budget)
      this.#lastBudget = budget
    }
    return this.#last?.get(key)
  }

  /** The lease of a key, created if it has none; undefined if there are too many. */
  open(of: BudgetKey, now: number): Lease | undefined {
    const known = this.find(of)
    if (known !== undefined || this.#count >= LEASES_MAX) return known
    const lease = new Lease(of, now)
    getOrAdd(this.#leases, of.budget, () => new Map<string, Lease>()).set(of.key, lease)
    this.#lastBudget = null
    this.#count++
    this.#arm()
    return lease
  }

  /** Drops the leases of these keys under all budgets of their policy: their state in the store was reset. */
  drop(keys: readonly StateKey[]): void {
    for (const { budget, key } of keys) {
      for (const [known, leases] of this.#leases) {
        const lease = known.policy === budget.policy ? leases.get(key) : undefined
        if (lease === undefined) continue
        lease.end = 'lost'
        leases.delete(key)
        this.#count--
      }
    }
  }

  /** Drops all leases, but of these budgets; returns refunds of their unspent units. */
  clear(kept: ReadonlySet<Budget> = new Set()): Refund[] {
    const dropped: Lease[] = []
    for (const [budget, leases] of this.#leases) {
      if (kept.has(budget)) continue
      dropped.push(...leases.values())
      this.#leases.delete(budget)
    }
    this.#lastBudget = null
    this.#count -= dropped.length
    if (this.#count === 0) {
      this.#cancelTimer?.()
      this.#cancelTimer = null
    }
    for (const lease of dropped) lease.end = 'given-back'
    return dropped.flatMap((lease) => this.close(lease))
  }

  /** Ends all grants of a lease; returns refunds of their unspent units. */
  close(lease: Lease): Refund[] {
    return lease.sweep(Number.POSITIVE_INFINITY).map(withId)
  }

  #arm(): void {
    this.#cancelTimer ??= this.#timers.after(SWEEP_MS, () => {
      this.#cancelTimer = null
      const refunds = this.#sweep(this.#clock.now())
      this.#giveBack(refunds)
      if (this.#count > 0) this.#arm()
    })
  }

  #sweep(now: number): Refund[] {
    const refunds: Refund[] = []
    for (const [budget, leases] of this.#leases) {
      for (const [key, lease] of leases) {
        for (const refund of lease.sweep(now)) refunds.push(withId(refund))
        if (lease.isIdle(now) && leases.delete(key)) this.#count--
      }
      if (leases.size === 0) this.#leases.delete(budget)
    }
    this.#lastBudget = null
    return refunds
  }
}

function withId(refund: Omit<Refund, 'id'>): Refund {
  return { ...refund, id: spendId() }
}
