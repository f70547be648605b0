import { isBreakerOpenError } from '../core/breaker-open-error.ts'
import type { Clock } from '../core/clock.ts'
import type { Decision } from '../core/decision.ts'
import { HeadgateError } from '../core/errors.ts'
import type { Reservation } from '../core/limiter.ts'
import type { Receipt } from '../core/receipt.ts'
import { StoreTimeout } from '../core/store-timeout.ts'
import { checkCost } from '../core/validate.ts'

/** What a reservation needs of its limiter. */
export interface ReservationDeps {
  readonly clock: Clock
  consume(cost: number): Promise<Decision>
  /** Spends even into debt; rejects where the charge is still owed. */
  charge(cost: number): Promise<unknown>
  /** Gives back up to `cost` units of one spend, at most once per receipt; resolves to the units given back. */
  refund(receipt: Receipt, cost: number): Promise<number>
}

/** Adds to a decision the handle that settles, extends or cancels it; after `ttlMs` nothing is given back any more. */
export function createReservation(decision: Decision, ttlMs: number, deps: ReservationDeps): Reservation {
  const units = new ReservedUnits(decision, deps.clock.now() + ttlMs * 1000, deps)
  return {
    ...decision,
    get held() {
      return units.held
    },
    settle: async (actual: number) => units.settle(checkCost(actual)),
    extend: async (more: number) => units.extend(checkCost(more)),
    cancel: () => units.settle(0),
    [Symbol.asyncDispose]: () => units.dispose(),
  } as Reservation
}

/** One spend of a reservation, and how many of its units are not given back yet. */
interface HeldSpend {
  readonly receipt: Receipt
  units: number
}

/** What a settlement still has to do. */
interface Settlement {
  /** Units to charge. */
  shortfall: number
  /** Units to refund, by spend. */
  readonly surplus: { readonly spend: HeldSpend; readonly units: number }[]
}

/** The units of one reservation. Operations run one after the other, so that each starts from the result of the last. */
class ReservedUnits {
  readonly #deps: ReservationDeps
  readonly #expiresAtUs: number
  readonly #denied: boolean
  readonly #spends: HeldSpend[] = []
  /** Null until settling begins. */
  #settlement: Settlement | null = null
  #settled = false
  /** Resolves when all operations called so far have ended. */
  #lastOperation: Promise<unknown> = Promise.resolve()

  constructor(decision: Decision, expiresAtUs: number, deps: ReservationDeps) {
    this.#deps = deps
    this.#expiresAtUs = expiresAtUs
    this.#denied = !decision.allowed
    this.#addSpend(decision)
  }

  get held(): number {
    return this.#settled ? 0 : this.#spends.reduce((sum, { units }) => sum + units, 0)
  }

  /** The first call fixes the actual cost; a call after a failed one finishes that settlement and ignores its argument. */
  settle(actual: number): Promise<void> {
    return this.#enqueue(async () => {
      if (this.#denied && actual > 0) throw deniedError()
      if (this.#settled) return
      this.#settlement ??= this.#planSettlement(actual)
      if (this.#settlement.shortfall > 0) await this.#charge(this.#settlement)
      await this.#giveBack(this.#settlement)
      this.#settled = true
    })
  }

  extend(more: number): Promise<Decision> {
    return this.#enqueue(async () => {
      if (this.#denied) throw deniedError()
      if (this.#settled || this.#settlement !== null) throw settledError()
      const added = await this.#deps.consume(more)
      this.#addSpend(added)
      return added
    })
  }

  /** Settles at what is held. A failed settlement stays as it is: its caller has already got the error. */
  dispose(): Promise<void> {
    return this.#enqueue(async () => {
      this.#settled ||= this.#settlement === null
    })
  }

  #addSpend({ receipt, cost }: Decision): void {
    if (receipt !== null) this.#spends.push({ receipt, units: cost })
  }

  #planSettlement(actual: number): Settlement {
    let rest = this.held - actual
    const surplus: Settlement['surplus'] = []
    // After its ttl the reservation counts as settled at the estimate: nothing is given back.
    const expired = this.#deps.clock.now() >= this.#expiresAtUs
    // Newest spends first: older ones have drained more, so less of them can be refunded.
    for (const spend of expired ? [] : this.#spends.toReversed()) {
      const units = Math.min(rest, spend.units)
      if (units <= 0) break
      // But refunds are sent oldest first: a bucket subtracts the refunds of later spends from what earlier ones can refund.
      surplus.unshift({ spend, units })
      rest -= units
    }
    return { shortfall: Math.max(0, -rest), surplus }
  }

  async #charge(settlement: Settlement): Promise<void> {
    try {
      await this.#deps.charge(settlement.shortfall)
    } catch (reason) {
      // The store may have made the charge. A charge has no id, so a second one would be made again: at most once is safer.
      if (isReplyLost(reason)) settlement.shortfall = 0
      throw reason
    }
    settlement.shortfall = 0
  }

  async #giveBack({ surplus }: Settlement): Promise<void> {
    for (let [next] = surplus; next !== undefined; [next] = surplus) {
      // Safe to repeat after an error: a receipt is refunded at most once.
      await this.#deps.refund(next.spend.receipt, next.units)
      next.spend.units -= next.units
      surplus.shift()
    }
  }

  #enqueue<T>(operation: () => Promise<T>): Promise<T> {
    const result = this.#lastOperation.then(operation)
    this.#lastOperation = result.catch(() => {})
    return result
  }
}

/** Error codes of a connection that broke while a reply was pending. */
const BROKEN_CONNECTION = ['ECONNRESET', 'EPIPE', 'ETIMEDOUT']

/** Whether the store may have carried out a call although its reply never came. */
function isReplyLost(reason: unknown): boolean {
  if (!(reason instanceof Error) || isBreakerOpenError(reason)) return false
  const { code } = reason as NodeJS.ErrnoException
  return reason instanceof StoreTimeout || BROKEN_CONNECTION.includes(code ?? '') || isReplyLost(reason.cause)
}

function deniedError(): HeadgateError {
  const message = 'this reservation was denied and holds nothing; look at its "allowed" before you use it'
  return new HeadgateError('invalid-options', message)
}

function settledError(): HeadgateError {
  return new HeadgateError('invalid-options', 'this reservation was settled; reserve anew for more units')
}
