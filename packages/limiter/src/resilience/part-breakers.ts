import type { Clock } from '../core/clock.ts'
import { type BudgetKey, isPartitioned, isSync, type Store } from '../core/store.ts'
import { SplitStore } from '../stores/split/split-store.ts'
import { type Breaker, withBreaker } from './breaker/breaker.ts'
import type { OutageWarning } from './breaker/outage-warning.ts'
import { withDeadline } from './deadline/deadline.ts'
import { unwrapped } from './guardable-proxy.ts'
import type { Stoppable } from './pass-through.ts'
import { beforeClose } from './store-closing.ts'

/** Settings of the guards of all parts. */
export interface GuardedPartsConfig {
  readonly deadlineMs: number
  /** For deadlines, whose timers keep the process alive. */
  readonly clock: Clock
  /** For probes, whose timers do not. */
  readonly background: Clock
  readonly onAnswer: (elapsedUs: number, nowUs: number) => void
  /** Gets keys whose units were held for a moment by a decision across parts: denials meanwhile may be due to them. */
  readonly onRefunded: (keys: readonly BudgetKey[]) => void
  readonly warning: OutageWarning
}

/** Puts a deadline and a breaker around each part of a store, so that a failing part affects only its own keys. */
export class GuardedParts implements Stoppable {
  readonly store: Store
  readonly breakers: Breaker[] = []
  readonly #config: GuardedPartsConfig
  readonly #stops: (() => void)[] = []

  constructor(store: Store, config: GuardedPartsConfig) {
    this.#config = config
    this.store = this.#guard(unwrapped(store))
  }

  stop(): void {
    for (const stop of this.#stops) stop()
  }

  #guard(store: Store): Store {
    if (isSync(store)) return store
    if (!isPartitioned(store)) return this.#guardPart(store)
    const parts = store.parts.map((part) => this.#guard(unwrapped(part)))
    return new SplitStore(parts, (key) => store.partOf(key), this.#config.onRefunded)
  }

  #guardPart(store: Store): Store {
    const { deadlineMs, clock, background, onAnswer, warning } = this.#config
    const timed = withDeadline(store, { deadlineMs, clock, onAnswer })
    let isStopped = false
    const breaker = withBreaker(timed, {
      clock: background,
      onOpen(refusal) {
        // Decisions not sent yet would only wait for their deadline.
        timed.rejectQueued(refusal)
        // A store that was closed is expected to fail.
        if (!isStopped) void warning.emitOnce({ store, deadlineMs, clock: background, cause: refusal.cause })
      },
    })
    const stop = (): void => {
      isStopped = true
      timed.stop()
      breaker.stop()
      warning.stop(store)
    }
    this.breakers.push(breaker)
    const forget = beforeClose(store, stop)
    this.#stops.push(stop, forget)
    return breaker
  }
}
