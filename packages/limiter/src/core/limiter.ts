import type { Credited, Decision } from './decision.ts'
import type { Duration } from './duration.ts'
import type { Explanation } from './explanation.ts'
import type { Health } from './health-report.ts'
import type { Who } from './key.ts'
import type { AccessOptions, PolicyOptions } from './policy-options.ts'
import type { Rate } from './rate.ts'
import type { Receipt } from './receipt.ts'
import type { ReservationHandle, ResumedReservation } from './reservation-handle.ts'
import type { RuleOptions } from './rule.ts'
import type { Store, SyncStore, Verb } from './store.ts'

/** Options of one call. */
export interface CallOptions {
  /**
   * Units to spend, a safe integer ≥ 0: with cost 5, a limit of `100/min` admits 20 calls a minute. 0 spends nothing and
   * passes unless the budget is in debt. It takes the place of the cost of every policy.
   * @default the `cost` of each policy, 1 unless it has one
   */
  readonly cost?: number
  /**
   * Rates that replace those of the policy for this call, for example the tariff of a customer. Where several policies
   * match, `policy` must name one. One rate for a policy of one rule keeps that rule's name, algorithm and burst ratio;
   * otherwise each rate replaces that of the rule with the same window.
   */
  readonly limit?: Rate | readonly Rate[]
  /**
   * Name of the one policy to apply, whether or not it matches.
   * @default all policies that match
   */
  readonly policy?: string
  /**
   * A whole rule that comes with the call, such as `{ limit: '10/s', burst: 20 }`: no configured policy is asked, the lists
   * are. It counts by the attribute `key` under the name that `policy` gives, which no policy may have, and is named by its
   * window. A key holds up to five such windows.
   * @default none: the policies decide
   */
  readonly rule?: Omit<RuleOptions, 'name'>
  /**
   * How long the caller can wait for the decision, in milliseconds; then `onStoreError` decides. The store's own deadline
   * (15 ms from sending) applies as well. Without effect on a synchronous store.
   * @default 1000
   */
  readonly deadlineMs?: number
}

/**
 * Options of `reset`, `block` and `unblock`. With `policy` and a `rule` they reach all that counts under the name `policy` by
 * rules of calls, of this window and of others.
 */
export type BudgetOptions = Pick<CallOptions, 'policy' | 'rule'>

/** One of several requests that are decided together. */
export interface LimitRequest extends Omit<CallOptions, 'deadlineMs'> {
  /** A key, or attributes of the request. */
  readonly who: Who
  /**
   * `consume` and `peek` can be denied, and then nothing is spent for any of the requests. `charge` and `credit` cannot, and
   * are carried out only where all others pass.
   * @default 'consume'
   */
  readonly verb?: Verb
  /**
   * Name of an any-of group: at least one of its requests has to pass, and all that pass are spent. For `consume` and `peek`.
   * @default none: the request has to pass by itself
   */
  readonly anyOf?: string
}

/** The answer to several requests that are decided together. */
export interface JointDecision {
  /** Whether all requests pass; they were then spent. Where false, none was. */
  readonly allowed: boolean
  /** Sleep this many milliseconds and all requests pass, if no other call spends; 0 when allowed, null when no wait helps. */
  readonly retryAfterMs: number | null
  /**
   * One for each request, in the same order. A request that passes by itself is `allowed` here even where another one is
   * denied; it has a receipt only if it was spent.
   */
  readonly decisions: readonly Decision[]
}

/** Options of `reserve`. */
export interface ReserveOptions extends CallOptions {
  /**
   * After this long the reservation counts as settled at what it holds: settling or cancelling it then gives nothing back.
   * @default '5m'
   */
  readonly ttl?: Duration
}

/** Options of `refund`. */
export interface RefundOptions {
  /**
   * Most units to give back, a safe integer ≥ 0: of a spend of 5, `{ cost: 2 }` gives back 2. The receipt is then used up.
   * @default all that was spent
   */
  readonly cost?: number
}

/** Options of `wait`. */
export interface WaitOptions extends CallOptions {
  /**
   * Longest wait. A call that cannot pass within it is denied as soon as that is known, often at once.
   * @default no limit
   */
  readonly timeout?: Duration
  /** Rejects the call with the signal's reason when it aborts; what it had spent is given back. */
  readonly signal?: AbortSignal
}

/** An estimate that was spent, to be settled at the actual cost. */
export type Reservation = Decision & {
  /** Units held: the estimate plus extensions, 150 after `reserve` of 100 and `extend(50)`; 0 when denied or settled. */
  readonly held: number
  /**
   * Settles at the actual cost: of 100 units held, `settle(70)` gives back 30, and `settle(120)` charges 20, even into debt.
   * Idempotent. Rejects where the store cannot answer; calling it again then finishes the settlement.
   */
  settle(actual: number): Promise<void>
  /** Spends more units for this reservation; a denial leaves it as it was. Rejects after it was denied or settled. */
  extend(more: number): Promise<Decision>
  /** Settles at 0: gives everything back. Idempotent. */
  cancel(): Promise<void>
  /**
   * Plain data by which another process settles it, with `limiter.resume`; null when denied. This object knows nothing of what
   * happens there: use one of the two.
   */
  handle(): ReservationHandle | null
  /** Leaving an `await using` scope without settling settles at what is held. */
  [Symbol.asyncDispose](): Promise<void>
}

/** The method whose call led to a decision. `settle` makes a decision only where it charges more than was held. */
export type DecisionVerb = Verb | 'reserve' | 'extend' | 'settle' | 'wait'

/** The call that led to a decision. */
export interface DecisionEvent {
  readonly verb: DecisionVerb
  /** From the call to the decision, in milliseconds with fractions; 0 for a call made before there was a listener. */
  readonly durationMs: number
}

/** Receives a copy of every decision. What it throws or rejects with becomes a process warning, and fails no call. */
export type DecisionListener = (decision: Decision, event: DecisionEvent) => unknown

/**
 * Decides whether requests may pass. A denial is a value. Methods reject only with a `HeadgateError` for wrong usage, for a
 * store that cannot answer or after `close`, and `wait` with the reason of an aborted signal.
 */
export interface Limiter<S extends Store = Store> {
  /** Spends `cost` units of every matching policy if each of its rules has them, and nothing otherwise. */
  consume(who: Who, options?: CallOptions): Promise<Decision>
  /** `consume` without a promise. Needs a synchronous store; with any other it throws `not-synchronous`. */
  readonly consumeSync: S extends SyncStore ? (who: Who, options?: CallOptions) => Decision : never
  /** The decision that `consume` would make now; spends nothing. */
  peek(who: Who, options?: CallOptions): Promise<Decision>
  /**
   * Decides up to 100 requests together: all of them pass and spend, or none does. The costs of requests on one policy under
   * one key add up.
   */
  decide(requests: readonly LimitRequest[], options?: Pick<CallOptions, 'deadlineMs'>): Promise<JointDecision>
  /** Spends an estimate, to be settled later at the actual cost. */
  reserve(who: Who, options?: ReserveOptions): Promise<Reservation>
  /**
   * A reservation that was made by another limiter on the same store. Settling it is done at most once, whoever does it.
   * Anything but a handle is an `invalid-receipt` error; a store of your own has to have claims (`ClaimingStore`).
   */
  resume(handle: ReservationHandle): ResumedReservation
  /** Consumes as soon as it can, first come first served per key; a denial where that cannot be within `timeout`. */
  wait(who: Who, options?: WaitOptions): Promise<Decision>
  /**
   * Gives one spend back, or `cost` units of it, by its receipt: at most once per receipt, and no units that have already drained or left their
   * window. Resolves to the whole units given back, the least of all rules. Anything but a receipt is an `invalid-receipt`
   * error.
   */
  refund(receipt: Receipt, options?: RefundOptions): Promise<number>
  /** Spends even into debt, for costs that are known only afterwards; never denied for lack of units. */
  charge(who: Who, cost: number, options?: Omit<CallOptions, 'cost'>): Promise<Decision>
  /** Gives back up to `cost` units without a receipt, the newest spends first, and at most what is currently used. */
  credit(who: Who, cost: number, options?: Omit<CallOptions, 'cost'>): Promise<Credited>
  /**
   * Deletes the state of every key that follows from these attributes, whether or not the policies match. A budget for
   * everybody (`key: 'global'`) is reset only by the name of its policy. Resolves to the names of the policies reset.
   */
  reset(who: Who, options?: BudgetOptions): Promise<string[]>
  /**
   * Has every request on these budgets denied for `duration` from now, with the reason `blocked`: those that `reset` would
   * reach, also where their policy does not match. It takes the place of an earlier block, no change of rules ends it, and
   * later decisions need no further call of the store for it. Units that other processes hold by lease are spent until the
   * lease ends. Resolves to the names of the policies.
   */
  block(who: Who, duration: Duration, options?: BudgetOptions): Promise<string[]>
  /**
   * Ends blocks and bans of the budgets that `block` would reach; the count of offences stays, which `reset` forgets.
   * Resolves to the names of the policies.
   */
  unblock(who: Who, options?: BudgetOptions): Promise<string[]>
  /**
   * Why a call of `consume` would be decided as it would: which policies match or not by which attributes, what is chosen and
   * overridden, under which keys, how rules stand. Writes nothing, asks the store once, and is no decision for listeners.
   */
  explain(who: Who, options?: CallOptions): Promise<Explanation>
  /** The policies in force. */
  readonly policies: PolicyRegister
  /** What is known of the limiter and its store; makes no call to the store. */
  health(): Health
  /** Calls `listener` with every decision; the returned function removes it. */
  on(event: 'decision', listener: DecisionListener): () => void
  /** Rejects all waiting calls with a `closed` error, and closes the store where the limiter created it. */
  close(): Promise<void>
}

/** Whose budget a request spends from, in one policy. */
export interface KeyView {
  readonly policy: string
  /** The encoded key, as receipts and the store have it: `~g` for everybody, and a text where its attributes can be read. */
  readonly key: string
}

/**
 * The policies of a limiter. Each change takes effect as a whole or, where a policy is invalid, throws and changes nothing.
 * A decision in progress keeps the policies it began with.
 */
export interface PolicyRegister {
  /** The policies in force, as they were given. */
  list(): PolicyOptions[]
  /** Adds a policy, or replaces the one with its name; rules that keep their name, algorithm and window keep their state. */
  set(policy: PolicyOptions): void
  /** Removes a policy; an unknown name is an `unknown-policy` error. */
  delete(name: string): void
  /** Replaces all policies as one change; access lists stay as they are unless `lists` has others. */
  replace(policies: readonly PolicyOptions[], lists?: AccessOptions): void
  /**
   * Has the limits of one key of a `policySource`, or of all keys, loaded again by the next call that needs them. What no `key`
   * function may return is an `invalid-key` error.
   */
  invalidate(key?: string | number): void
  /**
   * The budgets that `consume` of this request would spend from, those that only count too; none where a list decides, or the
   * limiter is switched off. Asks neither store nor source: of a `policySource` it knows what was loaded last. Throws as a call does.
   */
  keysOf(who: Who, options?: BudgetOptions): KeyView[]
  /**
   * The budgets that `reset` and `block` of this request reach: all whose key the attributes determine, whatever policies match and
   * lists say. Otherwise as `keysOf`.
   */
  determinedKeysOf(who: Who, options?: BudgetOptions): KeyView[]
  /**
   * Forgets what this limiter remembers of budgets that another process has reset, blocked or unblocked: denials that it repeats,
   * which end by themselves within a second, and units of leases, which end with them. Keys are those that `determinedKeysOf` has there.
   */
  forget(keys: readonly KeyView[]): void
  /**
   * Forgets only the denials that this limiter repeats under these keys, where another process has given units back: by `refund`, `credit`
   * or a settled reservation. Leases go on.
   */
  forgetDenials(keys: readonly KeyView[]): void
}
