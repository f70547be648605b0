import type { RuleReceipt } from './algorithm.ts'
import type { Budget } from './budget.ts'
import type { Clock } from './clock.ts'
import type { Source } from './decision.ts'

/** One budget under one key. */
export interface BudgetKey {
  readonly budget: Budget
  /** Encoded identity, see `encodeKey`. */
  readonly key: string
}

/** One budget asked for units under one key. */
export interface BudgetRequest extends BudgetKey {
  /** Units, a safe integer ≥ 0. */
  readonly cost: number
  /**
   * Number of the spend among those of this process, drawn before the store is asked: the receipt names the spend by it.
   * Absent where the receipt draws one.
   */
  readonly spend?: number
}

/**
 * `consume` spends when everything passes, `peek` never writes, `charge` spends even into debt, `credit` gives back what
 * was spent last, up to the cost.
 */
export type Verb = 'consume' | 'peek' | 'charge' | 'credit'

/** The wait of a rate that came with a call, at a key that holds five others of its name; `RESET` says when one is over. */
export const TOO_MANY_WINDOWS: number = -2

/** Verdicts of one decision. */
export interface Verdicts {
  /** The store's clock at the decision, microseconds since the Unix epoch. */
  readonly now: number
  /**
   * For every rule of every request, in order, `VERDICT_SIZE` numbers: the wait in microseconds (0 passes, -1 never, -2
   * too many windows; of a `credit` the units given back stand here), units remaining, microseconds until recovered, and
   * of a spend what its receipt says (see `RuleReceipt`). A synchronous store reuses the array.
   */
  readonly numbers: ArrayLike<number>
  /** Which path answered; stores themselves say `store`. */
  readonly source: Source
  /** The clock of each request's own store, where a decision went to several. */
  readonly times?: readonly number[]
  /** What was judged, where that is not all that was asked: nothing at all when the store failed. */
  readonly judged?: readonly BudgetRequest[] | undefined
  /** Why the store did not answer, where nobody did in its place. */
  readonly failure?: unknown
}

/** Units taken ahead. */
export interface Grant extends Verdicts {
  /** Units spent; 0 when not even the least was there, and the verdicts then say when it will be. */
  readonly granted: number
}

/** One spend to take back. */
export interface Refund extends BudgetKey {
  /** Most units to give back; at most what was spent. */
  readonly cost: number
  /** Names the spend, so that it is taken back at most once. */
  readonly id: string
  /** One a rule of the budget; undefined for a rule that was not there at the spend. */
  readonly rules: readonly (RuleReceipt | undefined)[]
  /**
   * When this refund comes too late and its id may be forgotten, by the store's clock; absent: when its rules have
   * recovered. For refunds that are many and sent once.
   */
  readonly endsAtUs?: number
  /** The fallback it was spent in while the store could not answer; absent: in the store. */
  readonly fallbackId?: string | undefined
}

/** From when on a refund gives nothing. */
export function endOf({ rules, endsAtUs = Number.POSITIVE_INFINITY }: Refund): number {
  return Math.min(endsAtUs, Math.max(0, ...rules.map((rule) => rule?.recoversAtUs ?? 0)))
}

/** How a decision is asked for. */
export interface DecideOptions {
  /**
   * Called by a {@link QueueingStore}, once, right before it sends the decision: from then on the store's time counts.
   * False: nobody waits for the answer any more, and the decision must not be sent.
   */
  readonly onSend?: (() => boolean) | undefined
  /** What the caller can wait, in milliseconds; a guard acts on it, stores beneath one need not. */
  readonly deadlineMs?: number | undefined
}

/**
 * Where state lives and decisions are made atomically. All requests of one `decide` pass and spend, or none does; a
 * denial writes nothing, except that it re-anchors state found in the future. The store owns the clock it judges by.
 */
export interface Store {
  decide(verb: Verb, requests: readonly BudgetRequest[], options?: DecideOptions): Promise<Verdicts>
  /**
   * Takes spends back; never creates a key, never exceeds what is left of a spend, at most once an `id`. Answers the
   * units each gave back: the least of its rules, whole, rounded down.
   */
  refund(refunds: readonly Refund[]): Promise<readonly number[]>
  /** Forgets the state of these keys. */
  reset(keys: readonly BudgetKey[]): Promise<void>
  /** Releases what the store itself opened. */
  close(): Promise<void>
}

/** A store in this process, which answers at once. */
export interface SyncStore extends Store {
  /** The time it judges by; a limiter takes it for its own unless given another. */
  readonly clock?: Clock
  decideSync(verb: Verb, requests: readonly BudgetRequest[]): Verdicts
  refundSync(refunds: readonly Refund[]): readonly number[]
  resetSync(keys: readonly BudgetKey[]): void
}

/** A store that sends decisions later than it is asked, and calls `onSend` when it does; of others the call is the sending. */
export interface QueueingStore extends Store {
  readonly queues: true
}

/** A store that sometimes answers by itself: from a lease, or a denial that still holds. */
export interface AtOnceStore extends Store {
  /** The answer that needs nobody else, an array of its own; null where the store is to be asked. */
  decideAtOnce(verb: Verb, requests: readonly BudgetRequest[]): Verdicts | null
}

/** A store that leases can be made of. */
export interface LeasingStore extends Store {
  /** Spends as much as is there of what is asked, but no less than `min` units. */
  acquire(request: BudgetRequest, min: number, options?: DecideOptions): Promise<Grant>
}

/** A store that can be asked whether it works. */
export interface ProbedStore extends Store {
  /** Rejects when the store cannot decide now: runs a real script that writes, and spends nothing. */
  ping(): Promise<void>
  /** Says that replica `id` is alive for `lifetimeMs`; answers how many are. */
  heartbeat(id: string, lifetimeMs: number): Promise<number>
}

/** A store made of stores, each with faults of its own. */
export interface PartitionedStore extends Store {
  readonly parts: readonly Store[]
  /** The part a request belongs to. */
  partOf(key: BudgetKey): number
  /** What policies call the parts, the first of them unless they say so; absent where they cannot choose. */
  readonly names?: readonly string[] | undefined
}

/** The time of a store in this process; undefined where it says none, or lies elsewhere. */
export function clockOf(store: Store): Clock | undefined {
  return 'clock' in store ? (store.clock as Clock | undefined) : undefined
}

/** Whether a store answers at once. */
export function isSync(store: Store): store is SyncStore {
  return 'decideSync' in store
}

export function isQueueing(store: Store): store is QueueingStore {
  return 'queues' in store
}

export function isAtOnce(store: Store): store is AtOnceStore {
  return 'decideAtOnce' in store
}

export function isLeasing(store: Store): store is LeasingStore {
  return 'acquire' in store
}

export function isProbed(store: Store): store is ProbedStore {
  return 'ping' in store
}

export function isPartitioned(store: Store): store is PartitionedStore {
  return 'parts' in store
}
