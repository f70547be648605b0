import type { SpendMark } from './algorithm.ts'
import type { Budget } from './budget.ts'
import type { Source } from './decision.ts'
import type { GuardedStore, GuardOptions } from './guard.ts'

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
  /** Which path answered; stores themselves say `store`. */
  readonly source: Source
  /** The clock of each ask's own store, where a decision went to several. */
  readonly times?: readonly number[]
  /** What was judged, where that is not all that was asked: nothing at all when the store failed. */
  readonly judged?: readonly Ask[] | undefined
}

/** What `take` got. */
export interface Taken extends Verdicts {
  /** Units spent; 0 when not even the least was there, and the verdicts then say when it will be. */
  readonly granted: number
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
  /**
   * When this refund comes too late and its id may be forgotten, by the store's clock; absent: when nothing of the
   * spend is left.
   */
  readonly endsAtUs?: number
  /** The stand-in it was spent in while the store could not answer; absent: in the store. */
  readonly place?: string | undefined
}

/**
 * Where state lives and decisions are made atomically. All asks of one `decide` pass and spend, or none does; a
 * denial writes nothing, except that it re-anchors state found in the future. The store owns the clock it judges by.
 */
export interface Store {
  /** Whether the methods ending in `Sync` exist. */
  readonly synchronous: boolean
  /** `deadlineMs` is what the caller can wait, where that is less than what was configured. */
  decide(verb: Verb, asks: readonly Ask[], deadlineMs?: number): Promise<Verdicts>
  /** The answer that needs nobody else: from a lease, or a denial that still holds. Null where the store is to be asked. */
  decideAtOnce?(verb: Verb, asks: readonly Ask[]): Verdicts | null
  /** {@link decideAtOnce} of a single ask to be spent: the hot path. */
  consumeAtOnce?(ask: Ask): Verdicts | null
  /**
   * Spends as much as is there of what is asked, but no less than `least` units: what leases are made of. Absent where
   * a store cannot. It is not sent any more once `deadlineMs` are over.
   */
  take?(ask: Ask, least: number, deadlineMs?: number): Promise<Taken>
  /** Takes spends back; never creates a key, never exceeds what is still charged, at most once an `id`. */
  refund(refunds: readonly Refund[]): Promise<void>
  /** Forgets the state of these keys. */
  reset(asks: readonly Omit<Ask, 'cost'>[]): Promise<void>
  /** Rejects when the store cannot decide now: runs a real script that writes, and spends nothing. */
  ping?(): Promise<void>
  /** Says that replica `id` is alive for `lifetimeMs`; answers how many are. */
  heartbeat?(id: string, lifetimeMs: number): Promise<number>
  /** The stores that this one deals its asks to, each with faults of its own; absent where it is one. */
  readonly parts?: readonly Store[]
  /** What policies call the parts, the first of them unless they say so; absent where they cannot choose. */
  readonly names?: readonly string[]
  /** The part an ask belongs to. */
  partOf?(ask: Omit<Ask, 'cost'>): number
  /** Puts around this store what keeps decisions in time and answered; absent where a limiter uses it as it is. */
  guard?(options: GuardOptions): GuardedStore
  /** Releases what the store itself opened. */
  close(): Promise<void>
}

/** A store in this process, which answers at once. */
export interface SyncStore extends Store {
  readonly synchronous: true
  decideSync(verb: Verb, asks: readonly Ask[]): Verdicts
  /** {@link decideSync} of a single ask, for which no list has to be made: the hot path. */
  decideOneSync(verb: Verb, ask: Ask): Verdicts
  takeSync(ask: Ask, least: number): Taken
  refundSync(refunds: readonly Refund[]): void
  resetSync(asks: readonly Omit<Ask, 'cost'>[]): void
}
