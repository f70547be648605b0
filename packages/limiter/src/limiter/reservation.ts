import type { Clock } from '../core/clock.ts'
import type { Decision } from '../core/decision.ts'
import { HeadgateError } from '../core/errors.ts'
import type { Reservation } from '../core/limiter.ts'
import type { Receipt } from '../core/receipt.ts'
import { isRefusal } from '../core/refusal.ts'
import { StoreTimeout } from '../core/store-timeout.ts'
import { checkCost } from '../core/validate.ts'

/** What a reservation does to the limiter it came from. */
export interface ReservationDeps {
  readonly clock: Clock
  consume(cost: number): Promise<Decision>
  /** Spends even into debt; rejects where nothing was spent and nobody decided so. */
  charge(cost: number): Promise<unknown>
  /** Gives back up to `cost` units of one spend, once a receipt; answers the units given back. */
  refund(receipt: Receipt, cost: number): Promise<number>
}

/** Adds to a decision the handle on the units it spent on an estimate; settles once, and by itself after its time. */
export function createReservation(decision: Decision, ttlMs: number, deps: ReservationDeps): Reservation {
  const holder = new Holder(decision, deps.clock.now() + ttlMs * 1000, deps)
  return {
    ...decision,
    get held() {
      return holder.held
    },
    settle: async (actual: number) => holder.settle(checkCost(actual)),
    extend: async (more: number) => holder.extend(checkCost(more)),
    cancel: () => holder.settle(0),
    [Symbol.asyncDispose]: () => holder.leave(),
  } as Reservation
}

/** Units of one spend that the handle still holds. */
interface Holding {
  readonly receipt: Receipt
  units: number
}

/** What a settlement still has to do. */
interface Settlement {
  /** Units to be charged. */
  missing: number
  /** Units to be given back, by the holding they are taken from. */
  readonly surplus: { readonly holding: Holding; readonly units: number }[]
}

/** The units of one handle. Its operations run one after the other, so that each sees what the one before left. */
class Holder {
  readonly #deps: ReservationDeps
  readonly #expiresAtUs: number
  readonly #denied: boolean
  readonly #holdings: Holding[] = []
  /** Null until a settlement is begun. */
  #settlement: Settlement | null = null
  #settled = false
  /** Ends when all operations asked for so far have ended. */
  #last: Promise<unknown> = Promise.resolve()

  constructor(decision: Decision, expiresAtUs: number, deps: ReservationDeps) {
    this.#deps = deps
    this.#expiresAtUs = expiresAtUs
    this.#denied = !decision.allowed
    this.#hold(decision)
  }

  get held(): number {
    return this.#settled ? 0 : this.#holdings.reduce((sum, { units }) => sum + units, 0)
  }

  /** The first call decides at what; after an error the next one does what is left of that, whatever it says. */
  settle(actual: number): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#denied && actual > 0) throw isDenied()
      if (this.#settled) return
      this.#settlement ??= this.#begin(actual)
      if (this.#settlement.missing > 0) await this.#charge(this.#settlement)
      await this.#giveBack(this.#settlement)
      this.#settled = true
    })
  }

  extend(more: number): Promise<Decision> {
    return this.#inTurn(async () => {
      if (this.#denied) throw isDenied()
      if (this.#settled || this.#settlement !== null) throw isSettled()
      const added = await this.#deps.consume(more)
      this.#hold(added)
      return added
    })
  }

  /** Settles at what is held. A settlement that failed is left as it is: its error has been told. */
  leave(): Promise<void> {
    return this.#inTurn(async () => {
      this.#settled ||= this.#settlement === null
    })
  }

  #hold({ receipt, cost }: Decision): void {
    if (receipt !== null) this.#holdings.push({ receipt, units: cost })
  }

  #begin(actual: number): Settlement {
    let rest = this.held - actual
    const surplus: Settlement['surplus'] = []
    // Past its time the estimate has become the truth: nothing is given back.
    const expired = this.#deps.clock.now() >= this.#expiresAtUs
    // Taken from the newest: of an older spend less is left.
    for (const holding of expired ? [] : this.#holdings.toReversed()) {
      const units = Math.min(rest, holding.units)
      if (units <= 0) break
      // Given back from the oldest: a bucket takes what later spends were given back off what is left of earlier ones.
      surplus.unshift({ holding, units })
      rest -= units
    }
    return { missing: Math.max(0, -rest), surplus }
  }

  async #charge(settlement: Settlement): Promise<void> {
    try {
      await this.#deps.charge(settlement.missing)
    } catch (reason) {
      // It may have been made all the same, and nothing would tell a second one from it.
      if (isReplyLost(reason)) settlement.missing = 0
      throw reason
    }
    settlement.missing = 0
  }

  async #giveBack({ surplus }: Settlement): Promise<void> {
    for (let [next] = surplus; next !== undefined; [next] = surplus) {
      // Can be repeated whatever became of the first try: a receipt counts once.
      await this.#deps.refund(next.holding.receipt, next.units)
      next.holding.units -= next.units
      surplus.shift()
    }
  }

  #inTurn<T>(operation: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(operation)
    this.#last = turn.catch(() => {})
    return turn
  }
}

/** Codes of connections that ended while an answer was awaited. */
const BROKEN = ['ECONNRESET', 'EPIPE', 'ETIMEDOUT']

/** Whether the store may have done what it did not answer. */
function isReplyLost(reason: unknown): boolean {
  if (!(reason instanceof Error) || isRefusal(reason)) return false
  const { code } = reason as NodeJS.ErrnoException
  return reason instanceof StoreTimeout || BROKEN.includes(code ?? '') || isReplyLost(reason.cause)
}

function isDenied(): HeadgateError {
  const message = 'this reservation was denied and holds nothing; look at its "allowed" before you use it'
  return new HeadgateError('invalid-options', message)
}

function isSettled(): HeadgateError {
  return new HeadgateError('invalid-options', 'this reservation was settled; reserve anew for more units')
}
