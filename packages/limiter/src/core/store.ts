import type { SpendMark } from './algorithm.ts'
import type { Budget } from './budget.ts'

/** One budget asked for units under one key. */
export interface Ask {
  readonly budget: Budget
  /** Encoded identity, see `encodeKey`. */
  readonly key: string
  /** Units, a safe integer ≥ 0. */
  readonly cost: number
}

/** `consume` spends when everything passes, `peek` never writes, `charge` spends even into debt. */
export type Verb = 'consume' | 'peek' | 'charge'

/**
 * Verdicts of one decision: for every rule of every ask, in order, {@link VERDICT} numbers: the wait in microseconds
 * (0 passes, -1 never), units remaining, and microseconds until recovered. A synchronous store reuses the array.
 */
export interface Verdicts {
  /** The store's clock at the decision, microseconds since the Unix epoch. */
  readonly now: number
  readonly numbers: ArrayLike<number>
}

/** Numbers of one rule's verdict. */
export const VERDICT = 3

/** One spend to take back. */
export interface Refund {
  readonly budget: Budget
  readonly key: string
  readonly cost: number
  /** Names the spend, so that it is taken back at most once. */
  readonly id: string
  /** One mark a rule of the budget; undefined for a rule that was not there at the spend. */
  readonly marks: readonly (SpendMark | undefined)[]
}

/**
 * Where state lives and decisions are made atomically. All asks of one `decide` pass and spend, or none does; a
 * denial writes nothing, except that it re-anchors state found in the future. The store owns the clock it judges by.
 */
export interface Store {
  /** Whether the methods ending in `Sync` exist. */
  readonly synchronous: boolean
  decide(verb: Verb, asks: readonly Ask[]): Promise<Verdicts>
  /** Takes spends back; never creates a key, never exceeds what is still charged, at most once an `id`. */
  refund(refunds: readonly Refund[]): Promise<void>
  /** Forgets the state of these keys. */
  reset(asks: readonly Omit<Ask, 'cost'>[]): Promise<void>
  /** Releases what the store itself opened. */
  close(): Promise<void>
}

/** A store in this process, which answers at once. */
export interface SyncStore extends Store {
  readonly synchronous: true
  decideSync(verb: Verb, asks: readonly Ask[]): Verdicts
  /** {@link decideSync} of a single ask, for which no list has to be made: the hot path. */
  decideOneSync(verb: Verb, ask: Ask): Verdicts
  refundSync(refunds: readonly Refund[]): void
  resetSync(asks: readonly Omit<Ask, 'cost'>[]): void
}
