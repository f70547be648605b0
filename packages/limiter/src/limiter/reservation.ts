import type { Clock } from '../core/clock.ts'
import type { Decision } from '../core/decision.ts'
import { type Duration, parseDuration } from '../core/duration.ts'
import type { Reservation } from '../core/limiter.ts'
import { checkCost } from '../core/validate.ts'

/** What a reservation does to the limiter it came from. */
export interface ReservationDeps {
  readonly clock: Clock
  consume(cost: number): Promise<Decision>
  charge(cost: number): Promise<unknown>
  /** Takes back up to `cost` units of one spend. */
  refund(receipt: string, cost: number): Promise<void>
}

interface Holding {
  readonly receipt: string
  readonly units: number
}

/** Adds to a decision the handle on the units it spent. */
export function createReservation(decision: Decision, ttl: Duration, deps: ReservationDeps): Reservation {
  const ledger = new HeldUnits(decision, parseDuration(ttl, 'options.ttl'), deps)
  const { rules, receipt } = decision
  return Object.defineProperty(
    {
      ...decision,
      rules,
      receipt,
      settle: async (actual: number) => ledger.settle(checkCost(actual)),
      extend: async (more: number) => ledger.extend(checkCost(more)),
      cancel: () => ledger.settle(0),
      [Symbol.asyncDispose]: () => ledger.settle(ledger.held),
    },
    'held',
    { enumerable: true, get: () => ledger.held },
  ) as Reservation
}

/** Units spent on an estimate; settles once, and by itself when its time is over. */
class HeldUnits {
  readonly #deps: ReservationDeps
  readonly #expiresAtUs: number
  readonly #holdings: Holding[] = []
  #settled: Promise<void> | null = null

  constructor(decision: Decision, ttlMs: number, deps: ReservationDeps) {
    this.#deps = deps
    this.#expiresAtUs = deps.clock.now() + ttlMs * 1000
    this.#hold(decision)
  }

  get held(): number {
    return this.#settled === null ? this.#total() : 0
  }

  async extend(more: number): Promise<Decision> {
    const decision = await this.#deps.consume(more)
    this.#hold(decision)
    return decision
  }

  settle(actual: number): Promise<void> {
    this.#settled ??= this.#settle(actual)
    return this.#settled
  }

  async #settle(actual: number): Promise<void> {
    const total = this.#total()
    if (actual > total) return void (await this.#deps.charge(actual - total))
    // Past its time the estimate has become the truth: what was used more is charged, nothing is given back.
    if (this.#deps.clock.now() >= this.#expiresAtUs) return
    let surplus = total - actual
    // Newest first: of an older spend less is left to give back.
    for (const { receipt, units } of this.#holdings.reverse()) {
      const back = Math.min(surplus, units)
      surplus -= back
      if (back > 0) await this.#deps.refund(receipt, back)
    }
  }

  #hold({ receipt, cost }: Decision): void {
    if (receipt !== null) this.#holdings.push({ receipt, units: cost })
  }

  #total(): number {
    return this.#holdings.reduce((sum, { units }) => sum + units, 0)
  }
}
