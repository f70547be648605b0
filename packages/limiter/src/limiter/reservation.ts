import type { Clock } from '../core/clock.ts'
import type { Decision } from '../core/decision.ts'
import { HeadgateError } from '../core/errors.ts'
import type { Reservation } from '../core/limiter.ts'
import type { Receipt } from '../core/receipt.ts'
import type { ReservationHandle } from '../core/reservation-handle.ts'
import { spendId } from '../core/spend-id.ts'
import { checkCost } from '../core/validate.ts'
import type { HandleOwner } from './handle-owner.ts'
import { isReplyLost } from './reply-lost.ts'
import { type HeldSpend, heldBy, planSettlement, refundOf } from './settlement-plan.ts'

/** What a reservation needs of its limiter. */
export interface ReservationDeps {
  readonly clock: Clock
  consume(cost: number): Promise<Decision>
  /** Spends even into debt; rejects where the charge is still owed. */
  charge(cost: number): Promise<unknown>
  /** Gives back up to `cost` units of one spend, at most once per receipt; resolves to the units given back. */
  refund(receipt: Receipt, cost: number): Promise<number>
}

/** What a handle needs beside the decision. */
interface HandleParts extends Pick<ReservationHandle, 'call' | 'expiresAtUs'> {
  /** Says whom it is of; not before it is asked for, since sealing takes time. */
  readonly owner: () => HandleOwner
}

/** Adds to a decision the methods that settle, extend or cancel it; once it has expired nothing is given back any more. */
export function createReservation(
  decision: Decision,
  handle: HandleParts,
  deps: ReservationDeps,
): Reservation {
  const id = spendId()
  const units = new ReservedUnits(decision, handle.expiresAtUs, deps)
  return {
    ...decision,
    get held() {
      return units.held
    },
    settle: async (actual: number) => units.settle(checkCost(actual)),
    extend: async (more: number) => units.extend(checkCost(more)),
    cancel: () => units.settle(0),
    handle: () => {
      const { owner, call, expiresAtUs } = handle
      return decision.allowed ? { ...owner(), call, expiresAtUs, id, spends: units.spends } : null
    },
    [Symbol.asyncDispose]: () => units.dispose(),
  } as Reservation
}

/** A spend that a settlement takes units from. */
type OpenSpend = { -readonly [F in keyof HeldSpend]: HeldSpend[F] }

/** What a settlement still has to do. */
interface Settlement {
  /** Units to charge. */
  shortfall: number
  /** Units to refund, by spend. */
  readonly surplus: { readonly spend: OpenSpend; readonly units: number }[]
}

/** The units of one reservation. Operations run one after the other, so that each starts from the result of the last. */
class ReservedUnits {
  readonly #deps: ReservationDeps
  readonly #expiresAtUs: number
  readonly #denied: boolean
  readonly #spends: OpenSpend[] = []
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

  get spends(): ReservationHandle['spends'] {
    return this.#spends.map(({ receipt, units }) => ({ receipt, units }))
  }

  get held(): number {
    return this.#settled ? 0 : heldBy(this.#spends)
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
    const { shortfall, surplus } = planSettlement(this.#spends, actual)
    // After its ttl the reservation counts as settled at the estimate: nothing is given back.
    const expired = this.#deps.clock.now() >= this.#expiresAtUs
    return { shortfall, surplus: expired ? [] : [...surplus] }
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
      await this.#deps.refund(next.spend.receipt, refundOf(next))
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

function deniedError(): HeadgateError {
  const message = 'this reservation was denied and holds nothing; look at its "allowed" before you use it'
  return new HeadgateError('invalid-options', message)
}

function settledError(): HeadgateError {
  return new HeadgateError('invalid-options', 'this reservation was settled; reserve anew for more units')
}
