import type { Credited, Decision } from './decision.ts'
import type { Duration } from './duration.ts'
import type { Health } from './health-report.ts'
import type { Who } from './key.ts'
import type { AccessOptions, PolicyOptions } from './policy-options.ts'
import type { Rate } from './rate.ts'
import type { Receipt } from './receipt.ts'
import type { Store, SyncStore, Verb } from './store.ts'

/** Options of one call. */
export interface CallOptions {
  /**
   * Units, a safe integer ≥ 0; 0 spends nothing and passes unless the budget is in debt.
   * @default 1
   */
  readonly cost?: number
  /**
   * Rates of this call in place of those of the one policy asked, as for a customer's tariff looked up elsewhere; where
   * several policies match, `policy` names the one. One rate for a policy of one rule keeps that rule's name, algorithm
   * and burst ratio; several pair with the rules of the same windows.
   */
  readonly limit?: Rate | readonly Rate[]
  /** Asks one policy only, by name. */
  readonly policy?: string
  /** How long the caller can wait, in milliseconds, where that is less than the store may take. */
  readonly deadlineMs?: number
}

/** One of several requests that are decided together. */
export interface LimitRequest extends Omit<CallOptions, 'deadlineMs'> {
  readonly who: Who
  /**
   * `consume` and `peek` can be denied, and then nothing is spent for any of the requests; `charge` and `credit` are
   * carried out only where all others pass.
   * @default 'consume'
   */
  readonly verb?: Verb
  /**
   * Requests with the same text here count as one, which is denied only when each of them is; those that pass are spent.
   * For `consume` and `peek`.
   */
  readonly anyOf?: string
}

/** The answer to several requests that are decided together. */
export interface JointDecision {
  /** Whether all of them pass, and were spent. */
  readonly allowed: boolean
  /** As that of a decision: sleep this long and all of them pass, if nobody else spends. */
  readonly retryAfterMs: number | null
  /**
   * One for each request, in their order. What passes by itself is `allowed` there although another request is denied; it
   * has a receipt only where it was spent.
   */
  readonly decisions: readonly Decision[]
}

/** Options of `reserve`. */
export interface ReserveOptions extends CallOptions {
  /**
   * After this long the reservation counts as settled at what it holds.
   * @default '5m'
   */
  readonly ttl?: Duration
}

/** Options of `wait`. */
export interface WaitOptions extends CallOptions {
  /** Longest wait; a wait that cannot fit is answered at once with the denial. Without it, waits as long as it takes. */
  readonly timeout?: Duration
  /** Rejects the promise with the signal's reason when it aborts. */
  readonly signal?: AbortSignal
}

/** Units spent now on an estimate, to be settled at the actual cost. */
export type Reservation = Decision & {
  /** Units held: the estimate and what was added since; 0 when denied or settled. */
  readonly held: number
  /** Settles at the actual cost: gives back what is left, or charges what is missing, even into debt. Idempotent. */
  settle(actual: number): Promise<void>
  /** Asks for more units; on a denial nothing changes. */
  extend(more: number): Promise<Decision>
  /** Gives everything back. Idempotent. */
  cancel(): Promise<void>
  /** Leaving an `await using` scope unsettled settles at what is held. */
  [Symbol.asyncDispose](): Promise<void>
}

/** The call that a decision answers; `settle` is heard where it charges more than was held. */
export type DecisionVerb = Verb | 'reserve' | 'extend' | 'settle' | 'wait'

/** How a decision came about. */
export interface DecisionEvent {
  readonly verb: DecisionVerb
  /** From the call to the decision, in milliseconds; 0 of a call made before anybody listened. */
  readonly durationMs: number
}

/** Hears every decision, with the call that it answers. What it throws is reported, and fails no call. */
export type DecisionListener = (decision: Decision, event: DecisionEvent) => unknown

/** Decides whether requests may pass. Methods reject only on wrong usage, on abort, or when the store cannot answer. */
export interface Limiter<S extends Store = Store> {
  /** Spends `cost` units if every matching policy has them, and nothing otherwise. */
  consume(who: Who, options?: CallOptions): Promise<Decision>
  /** `consume` without a promise; exists when the store is synchronous. */
  readonly consumeSync: S extends SyncStore ? (who: Who, options?: CallOptions) => Decision : never
  /** The answer `consume` would give now; writes nothing. */
  peek(who: Who, options?: CallOptions): Promise<Decision>
  /**
   * Decides several requests together: all of them pass and spend, or none does. Requests of one policy under one key
   * count as one of their sum. Up to 100.
   */
  decide(requests: readonly LimitRequest[], options?: Pick<CallOptions, 'deadlineMs'>): Promise<JointDecision>
  /** Spends an estimate, to be settled later. */
  reserve(who: Who, options?: ReserveOptions): Promise<Reservation>
  /** Waits for its turn, first come first served for each key. */
  wait(who: Who, options?: WaitOptions): Promise<Decision>
  /**
   * Gives back one spend; at most once a receipt, never more than is still charged. Answers the units given back, the
   * least of all rules.
   */
  refund(receipt: Receipt): Promise<number>
  /** Spends even into debt: for costs known only afterwards. */
  charge(who: Who, cost: number, options?: Omit<CallOptions, 'cost'>): Promise<Decision>
  /**
   * Gives back up to `cost` units without a receipt, of what was spent last: never more than a key's record holds, and
   * nothing where a key has none.
   */
  credit(who: Who, cost: number, options?: Omit<CallOptions, 'cost'>): Promise<Credited>
  /**
   * Forgets what was spent under every key that these attributes determine, whatever the policy's match; a budget for
   * everybody (`key: 'global'`) only where its policy is named. Answers the names of the policies reset.
   */
  reset(who: Who, options?: Pick<CallOptions, 'policy'>): Promise<string[]>
  /** The policies in force. */
  readonly policies: PolicyRegister
  /** How the limiter and its store are, as far as it is known; asks nobody. */
  health(): Health
  /** Calls `listener` with every decision, one a call; returns its removal. */
  on(event: 'decision', listener: DecisionListener): () => void
  /** Frees waiters with a `closed` error and closes a store that the limiter opened. */
  close(): Promise<void>
}

/** Policies of a limiter, changed as a whole: a decision under way keeps those it began with. */
export interface PolicyRegister {
  list(): PolicyOptions[]
  /** Adds a policy, or replaces the one of its name; state follows the names of its rules. */
  set(policy: PolicyOptions): void
  delete(name: string): void
  /**
   * Puts these in force in place of all others, as one change; policies that stay as they are go on as they were. Lists
   * stay unless others are given.
   */
  replace(policies: readonly PolicyOptions[], lists?: AccessOptions): void
}
