import type { Clock } from './clock.ts'
import type { Health } from './health-report.ts'
import type { OnStoreError } from './on-store-error.ts'
import type { Store, SyncStore } from './store.ts'

/** How a limiter behaves towards a store that can fail. */
export interface ResilienceOptions {
  /**
   * What happens to decisions that the store does not answer, unless a policy says otherwise.
   * @default 'local'
   */
  readonly onStoreError?: OnStoreError
  /**
   * How long the store may take for an answer, from when it was asked, in milliseconds. What waits to be sent does not
   * count, and is answered within the deadline of its caller, or else within a second.
   * @default 15
   */
  readonly deadlineMs?: number
  /**
   * Processes that share a limit while the store cannot answer: each is given its part. `auto` counts them in the
   * store, and is 1 until the store has answered for the first time.
   * @default 'auto'
   */
  readonly replicas?: number | 'auto'
}

/** What a guard is made of. */
export interface GuardOptions extends ResilienceOptions {
  /** Time for deadlines, probes and heartbeats; the system's unless given. */
  readonly clock?: Clock
  /** Makes the store that decides while the guarded one cannot. */
  readonly local: () => SyncStore
}

/** A store that answers within its deadline, whatever becomes of the one beneath. */
export interface GuardedStore extends Store {
  health(): Health
  /** Gives back what is held under rules that are no longer in force. */
  release(): Promise<void>
  /** Gives back what it holds and ends what it does in the background; the store beneath stays open. */
  stop(): Promise<void>
}

/** A store that a limiter does not use as it is: it puts around it what keeps decisions in time and answered. */
export interface GuardableStore extends Store {
  guard(options: GuardOptions): GuardedStore
}

export function isGuardable(store: Store): store is GuardableStore {
  return 'guard' in store
}
