import type { Clock } from '../core/clock.ts'
import type { Decision } from '../core/decision.ts'
import type { Health } from '../core/health-report.ts'
import type { DecisionEvent } from '../core/limiter.ts'
import { isSync, type Store } from '../core/store.ts'
import { LatencyHistogram } from '../resilience/latency-histogram.ts'

/** The health of a store that is used as it is. Counting costs as much as a decision in memory, so that it is asked for. */
export class UnguardedHealth {
  readonly #store: Store
  readonly #clock: Pick<Clock, 'now'>
  readonly #latency = new LatencyHistogram()
  readonly #decisions = { store: 0, lease: 0, 'deny-cache': 0, fallback: 0, open: 0, closed: 0 }
  #counts = false

  constructor(store: Store, clock: Pick<Clock, 'now'>) {
    this.#store = store
    this.#clock = clock
  }

  /** Counts a decision. Bound once, to be handed on. */
  readonly count = ({ source }: Decision, { durationMs }: DecisionEvent): void => {
    this.#counts = true
    if (source === 'none') return
    this.#decisions[source]++
    this.#latency.record(durationMs * 1000, this.#clock.now())
  }

  view(): Health {
    return {
      store: isSync(this.#store) ? 'reachable' : 'unknown',
      breaker: 'closed',
      answeredAt: null,
      lastError: null,
      decisions: this.#counts ? { ...this.#decisions } : null,
      latency: this.#counts ? this.#latency.view(this.#clock.now()) : null,
      consecutiveFailures: 0,
      overloads: 0,
      parts: [],
      replicas: 1,
    }
  }
}
