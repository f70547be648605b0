import type { Clock } from '../core/clock.ts'
import { type BudgetKey, isPartitioned, isSync, type Store } from '../core/store.ts'
import { SplitStore } from '../stores/split/split-store.ts'
import { type Breaker, withBreaker } from './breaker/breaker.ts'
import type { OutageWarning } from './breaker/outage-warning.ts'
import { withDeadline } from './deadline/deadline.ts'
import { unwrapped } from './guardable.ts'
import type { Stoppable } from './pass-through.ts'

/** What guards each part of a store. */
export interface GuardedPartsConfig {
  readonly deadlineMs: number
  /** Time for deadlines, and for probes, whose timers nobody waits for. */
  readonly clock: Clock
  readonly background: Clock
  readonly onAnswer: (elapsedUs: number, nowUs: number) => void
  /** Told of units that were held for a moment: denials meanwhile were due to them. */
  readonly onGivenBack: (keys: readonly BudgetKey[]) => void
  readonly warning: OutageWarning
}

/** A store whose parts have a deadline and a breaker each, so that only the keys of a failing part are decided otherwise. */
export class GuardedParts implements Stoppable {
  readonly store: Store
  readonly breakers: Breaker[] = []
  readonly #config: GuardedPartsConfig
  readonly #stoppables: Stoppable[] = []

  constructor(store: Store, config: GuardedPartsConfig) {
    this.#config = config
    this.store = this.#guard(unwrapped(store))
  }

  stop(): void {
    for (const one of this.#stoppables) one.stop()
  }

  #guard(store: Store): Store {
    if (isSync(store)) return store
    if (!isPartitioned(store)) return this.#guardPart(store)
    const parts = store.parts.map((part) => this.#guard(unwrapped(part)))
    return new SplitStore(parts, (key) => store.partOf(key), this.#config.onGivenBack)
  }

  #guardPart(store: Store): Store {
    const { deadlineMs, clock, background, onAnswer, warning } = this.#config
    const timed = withDeadline(store, { deadlineMs, clock, onAnswer })
    const breaker = withBreaker(timed, {
      clock: background,
      onOpen(refusal) {
        // What waits to be sent would wait in vain.
        timed.rejectQueued(refusal)
        void warning.tell({ store, deadlineMs, clock: background, cause: refusal.cause })
      },
    })
    this.breakers.push(breaker)
    this.#stoppables.push(timed, breaker, { stop: () => warning.stop(store) })
    return breaker
  }
}
