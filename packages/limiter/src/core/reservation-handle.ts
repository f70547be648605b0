import type { Decision } from './decision.ts'
import type { Who } from './key.ts'
import type { Rate } from './rate.ts'
import type { Receipt } from './receipt.ts'
import type { RuleOptions } from './rule.ts'

/**
 * A reservation as plain data, by which any process on the same store can settle it: see `Limiter.resume`. It survives
 * `JSON.stringify`. Like a receipt it is not encrypted, unless keys are hashed, and whoever can change it can give back what others spent: where it
 * leaves your processes, authenticate it.
 */
export interface ReservationHandle {
  /** By which it is settled at most once. */
  readonly id: string
  /** Whom it is of; absent where the limiter hashes keys. */
  readonly who?: Who
  /** The same where the limiter hashes keys, to be read by limiters with its secret alone; else absent. */
  readonly sealedWho?: string
  /** What the call named beside its cost, for what is spent further. */
  readonly call: {
    readonly policy?: string
    readonly limit?: Rate | readonly Rate[]
    readonly rule?: Omit<RuleOptions, 'name'>
  }
  /** The spends, oldest first: that of `reserve`, then those of `extend`. */
  readonly spends: readonly { readonly receipt: Receipt; readonly units: number }[]
  /** From when on it counts as settled at what it holds, in microseconds since the Unix epoch. */
  readonly expiresAtUs: number
}

/** How a reservation was settled. */
export interface Settled {
  /** Whether this call did it; false where it was settled before, or its ttl is over. */
  readonly settled: boolean
  /** The cost at which it is settled; null where its ttl is over: that is what it holds. */
  readonly actual: number | null
}

/** A reservation that any process may settle: at most once, whoever does it. */
export interface ResumedReservation {
  /** Units held, as the handle says. */
  readonly held: number
  /**
   * Settles at the actual cost, as `Reservation.settle` does. Where it was settled before, finishes what that could not give
   * back, and changes nothing else. Rejects where the store cannot answer; call it again then.
   */
  settle(actual: number): Promise<Settled>
  /** Settles at 0. */
  cancel(): Promise<Settled>
  /** Spends more units. After a denial the handle is the old one. Rejects where the reservation is settled. */
  extend(more: number): Promise<Extended>
}

/** The answer of `ResumedReservation.extend`: from now on use its handle. */
export interface Extended {
  readonly decision: Decision
  readonly handle: ReservationHandle
}
