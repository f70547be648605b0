import type { RuleReceipt } from './algorithm.ts'
import type { Budget } from './budget.ts'
import type { Clock } from './clock.ts'
import type { Source } from './decision.ts'

/** One budget under one key. */
export interface BudgetKey {
  readonly budget: Budget
  /** The encoded key; no two sets of attribute values share one. */
  readonly key: string
}

/** One key under all budgets of a policy. */
export interface StateKey {
  readonly budget: Pick<Budget, 'policy'>
  readonly key: string
}

/** A request for units of one budget under one key. */
export interface BudgetRequest extends BudgetKey {
  /** Units, a safe integer ≥ 0. */
  readonly cost: number
  /** Number of the spend in this process, which its receipt will contain; absent: one is drawn for the receipt. */
  readonly spend?: number
  /** True where a denial is no offence against a policy with bans: the attempt of a `wait`, or more for a reservation. */
  readonly blameless?: boolean
}

/**
 * What a decision does: `consume` spends if all rules have the units, `peek` decides the same and spends nothing, `charge`
 * spends even into debt, `credit` gives back up to the cost, newest spends first.
 */
export type Verb = 'consume' | 'peek' | 'charge' | 'credit'

/**
 * The wait of a rate that came with a call, under a key that already holds five others of its name. The number at `RESET` is
 * then the time until one of those has recovered.
 */
export const TOO_MANY_WINDOWS: number = -2

/** The verdicts on all rules in one decision: waits, units left, and what receipts need. */
export interface Verdicts {
  /** The store's clock at the decision, microseconds since the Unix epoch. */
  readonly now: number
  /**
   * `VERDICT_SIZE` numbers for every rule of every request, in order: at `WAIT` the wait in microseconds (0 passes, -1 never
   * passes, -2 too many windows), at `REMAINING` whole units, at `RESET` microseconds until recovered, and from `RECEIPT` on
   * the other fields of a `RuleReceipt`, after a spend. A `credit` has the units given back at `WAIT`. A synchronous store
   * reuses the array for its next decision.
   */
  readonly numbers: ArrayLike<number>
  /** What made the decision; a store itself says `store`. */
  readonly source: Source
  /** The clock of the store of each request, where a decision involved several stores. */
  readonly times?: readonly number[]
  /** The requests that were evaluated, where those are not all: none where the store failed. Absent: all. */
  readonly judged?: readonly BudgetRequest[] | undefined
  /** Why the store did not answer, where no fallback decided in its place. */
  readonly failure?: unknown
}

/** The result of `acquire`: units for a lease. */
export interface Grant extends Verdicts {
  /** Units spent; 0 when fewer than `min` were available, whose wait is then in the verdicts. */
  readonly granted: number
}

/** A refund of one spend from one budget. */
export interface Refund extends BudgetKey {
  /** Most units to give back; at most what was spent. */
  readonly cost: number
  /** Id of the spend; a store refunds each id at most once per budget and key. */
  readonly id: string
  /** One per rule of the budget; undefined for a rule that was not part of the spend. */
  readonly rules: readonly (RuleReceipt | undefined)[]
  /**
   * When the refund gives nothing any more and the store may forget its id, by the store's clock. Leases set it, since they
   * send many refunds, each once. Absent: when its rules have recovered.
   */
  readonly endsAtUs?: number
  /** Id of the fallback that the units were spent in; absent: they were spent in the store. */
  readonly fallbackId?: string | undefined
  /** When the spend was made, if it was on a policy with bans and all of it is given back: then it never was. */
  readonly undoneAtUs?: number | undefined
}

/** When a refund gives nothing any more, in microseconds of the store's clock. */
export function refundExpiryUs({ rules, endsAtUs = Number.POSITIVE_INFINITY }: Refund): number {
  return Math.min(endsAtUs, Math.max(0, ...rules.map((rule) => rule?.recoversAtUs ?? 0)))
}

/** Options of `Store.decide`. */
export interface DecideOptions {
  /**
   * Called once by a {@link QueueingStore}, right before it sends the decision: the store deadline counts from then. Returns
   * false where the caller no longer waits; the decision must then not be sent.
   */
  readonly onSend?: (() => boolean) | undefined
  /** How long the caller can wait, in milliseconds. Guards enforce it; other stores may ignore it. */
  readonly deadlineMs?: number | undefined
}

/**
 * Holds state and makes decisions atomically, by its own clock. A denial writes nothing, except that state from the future is
 * moved to now, and that a policy with bans notes an offence. A store that cannot answer rejects with `store-unavailable`.
 */
export interface Store {
  /** Makes one decision: all requests pass and spend, or none does. */
  decide(verb: Verb, requests: readonly BudgetRequest[], options?: DecideOptions): Promise<Verdicts>
  /**
   * Gives spends back, each at most once per `id`, and never more than is left of it; never creates a record. Resolves to the
   * whole units that each refund gave back, rounded down: the least of its rules.
   */
  refund(refunds: readonly Refund[]): Promise<readonly number[]>
  /** Deletes the state of these keys. */
  reset(keys: readonly BudgetKey[]): Promise<void>
  /**
   * Has every decision under these keys denied for `lengthUs` microseconds from now, in place of an earlier block; 0 ends
   * block and ban. A block survives every change of rules, and ends with `reset`.
   */
  block(keys: readonly BudgetKey[], lengthUs: number): Promise<void>
  /** Closes connections and timers that the store itself opened. */
  close(): Promise<void>
}

/** A store in this process, whose methods also exist without promises. */
export interface SyncStore extends Store {
  /** The clock it decides by; also the default clock of a limiter on it. */
  readonly clock?: Clock
  /** `decide` without a promise. */
  decideSync(verb: Verb, requests: readonly BudgetRequest[]): Verdicts
  /** `refund` without a promise. */
  refundSync(refunds: readonly Refund[]): readonly number[]
  /** `reset` without a promise. */
  resetSync(keys: readonly BudgetKey[]): void
  /** `block` without a promise. */
  blockSync(keys: readonly BudgetKey[], lengthUs: number): void
}

/** A store that queues decisions and calls `onSend` when it sends one. Any other store counts as sending with the call. */
export interface QueueingStore extends Store {
  readonly queues: true
}

/** A wrapper that makes some decisions itself: from a lease, or by repeating a denial that still holds. */
export interface AtOnceStore extends Store {
  /** The decision where the wrapper can make it, with an array that is not reused; null where `decide` has to be called. */
  decideAtOnce(verb: Verb, requests: readonly BudgetRequest[]): Verdicts | null
}

/** A store that supports leases. */
export interface LeasingStore extends Store {
  /**
   * Spends as many units as are available, up to the cost of the request; none where fewer than `min` are. Never asked of a
   * policy in shadow, with a rule in shadow, or with overdraw.
   */
  acquire(request: BudgetRequest, min: number, options?: DecideOptions): Promise<Grant>
}

/** A store that a breaker can probe, and that counts the processes that use it. */
export interface ProbedStore extends Store {
  /** Rejects when the store cannot make decisions now. It has to write, since a read may work where decisions do not. */
  ping(): Promise<void>
  /** Registers replica `id` as alive for `lifetimeMs` milliseconds; resolves to how many replicas are alive. */
  heartbeat(id: string, lifetimeMs: number): Promise<number>
}

/** A store made of several stores, each of which can fail by itself. */
export interface PartitionedStore extends Store {
  readonly parts: readonly Store[]
  /** Index of the part that holds this budget under this key. */
  partOf(key: BudgetKey): number
  /** Names of the parts, from which policies choose by `store`; absent where they cannot choose. */
  readonly names?: readonly string[] | undefined
}

/** A store that may have its records where another one has them as well. */
export interface SharingStore extends Store {
  /** The same object for all stores in this process that share their records. */
  readonly keyspace: object
}

/** A store that can forget everything at once; of use in tests, and so no part of the types of stores. */
export interface ClearableStore extends Store {
  /** Deletes all records that it holds, of every key. */
  clear(): Promise<void>
}

/** The clock of a store; undefined where it has none, as for a store outside this process. */
export function clockOf(store: Store): Clock | undefined {
  return 'clock' in store ? (store.clock as Clock | undefined) : undefined
}

/** What identifies the records of a store: those of its keyspace, else the store itself. */
export function keyspaceOf(store: Store): object {
  return 'keyspace' in store ? (store as SharingStore).keyspace : store
}

/** Whether a store has synchronous methods. */
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

export function isClearable(store: Store): store is ClearableStore {
  return 'clear' in store
}

export function isPartitioned(store: Store): store is PartitionedStore {
  return 'parts' in store
}
