import type { Budget } from './budget.ts'
import type { Clock } from './clock.ts'
import type { Health } from './health-report.ts'
import type { OnStoreError } from './on-store-error.ts'
import type { StateKey, Store, SyncStore } from './store.ts'

/** How a limiter deals with a store that can fail; without effect on a store in this process. */
export interface ResilienceOptions {
  /**
   * What decides while the store does not answer, unless a policy says otherwise: `local` decides in this process by its
   * share of the limits, `open` lets every request pass, `closed` denies every request.
   * @default 'local'
   */
  readonly onStoreError?: OnStoreError
  /**
   * How long the store may take to answer, in milliseconds from when the call was sent to it. Time in the queue before that
   * does not count; in all, a decision takes at most the `deadlineMs` of its call, 1000 by default.
   * @default 15
   */
  readonly deadlineMs?: number
  /**
   * How many processes share the limits while the store does not answer: with 4, each decides by a quarter. `auto` counts
   * the processes in the store, and is `minReplicas` until the store has answered for the first time.
   * @default 'auto'
   */
  readonly replicas?: number | 'auto'
  /**
   * The least that `auto` counts, from the first decision on: as many as surely share the limits, such as the threads of this
   * process with a limiter each, some of which may not have decided yet.
   * @default 1
   */
  readonly minReplicas?: number
}

/** Options of {@link GuardableStore.guard}. */
export interface GuardOptions extends ResilienceOptions {
  /**
   * Time for deadlines, probes and heartbeats.
   * @default the clock of the system
   */
  readonly clock?: Clock
  /** Creates the store in this process that decides while the guarded one does not answer. */
  readonly local: () => SyncStore
}

/** A store that wraps one that can fail: it answers in time even when that one does not. */
export interface GuardedStore extends Store {
  /** What is known of the wrapped store; makes no call to it. */
  health(): Health
  /** Drops denials and leases of these keys, whose state was changed elsewhere. */
  forget(keys: readonly StateKey[]): void
  /** Drops denials of these keys, under which units were given back elsewhere. */
  forgetDenials(keys: readonly StateKey[]): void
  /** Gives back leased units, but of budgets that are still `inForce`. */
  release(inForce?: ReadonlySet<Budget>): Promise<void>
  /** Gives back leased units and stops probes and heartbeats; the wrapped store stays open. */
  stop(): Promise<void>
}

/** A store that brings its own guard; a limiter calls `guard` and uses the store that it returns. */
export interface GuardableStore extends Store {
  /** Wraps the store with deadlines, a circuit breaker and a fallback. */
  guard(options: GuardOptions): GuardedStore
}

/** Whether a limiter has to guard the store. */
export function isGuardable(store: Store): store is GuardableStore {
  return 'guard' in store
}
