import type { Clock } from '../core/clock.ts'
import type { Decision } from '../core/decision.ts'
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

/** Adds to a decision the handle on the units it spent on an estimate; settles once, and by itself after its time. */
export function createReservation(decision: Decision, ttlMs: number, deps: ReservationDeps): Reservation {
  const expiresAtUs = deps.clock.now() + ttlMs * 1000
  const holdings: { readonly receipt: string; readonly units: number }[] = []
  let settled: Promise<void> | null = null
  const hold = ({ receipt, cost }: Decision): void => {
    if (receipt !== null) holdings.push({ receipt, units: cost })
  }
  const total = (): number => holdings.reduce((sum, { units }) => sum + units, 0)
  const settleAt = async (actual: number): Promise<void> => {
    let surplus = total() - actual
    if (surplus < 0) await deps.charge(-surplus)
    // Past its time the estimate has become the truth: what was used more is charged, nothing is given back.
    if (deps.clock.now() >= expiresAtUs) return
    // Newest first: of an older spend less is left to give back.
    for (const { receipt, units } of holdings.reverse()) {
      const back = Math.min(surplus, units)
      surplus -= back
      if (back > 0) await deps.refund(receipt, back)
    }
  }
  const settle = (actual: number): Promise<void> => (settled ??= settleAt(actual))
  hold(decision)
  return {
    ...decision,
    rules: decision.rules,
    receipt: decision.receipt,
    get held() {
      return settled === null ? total() : 0
    },
    settle: async (actual: number) => settle(checkCost(actual)),
    async extend(more: number) {
      const added = await deps.consume(checkCost(more))
      hold(added)
      return added
    },
    cancel: () => settle(0),
    [Symbol.asyncDispose]: () => settle(total()),
  } as Reservation
}
