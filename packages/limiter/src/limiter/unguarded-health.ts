import type { Clock } from '../core/clock.ts'
import type { Decision } from '../core/decision.ts'
import type { Health } from '../core/health-report.ts'
import type { DecisionEvent, DecisionListener } from '../core/limiter.ts'
import { isSync, type Store } from '../core/store.ts'
import { LatencyHistogram } from '../resilience/latency-histogram.ts'

/**
 * The health of a limiter whose store has no guard. Decisions are counted only where that is asked for, since
 * counting costs as much as a decision in memory.
 */
export class UnguardedHealth {
  readonly #store: Store
  readonly #clock: Pick<Clock, 'now'>
  readonly #latency = new LatencyHistogram()
  readonly #decisions = { store: 0, lease: 0, 'deny-cache': 0, fallback: 0, open: 0, closed: 0 }
  #isCounting = false

  constructor(store: Store, clock: Pick<Clock, 'now'>) {
    this.#store = store
    this.#clock = clock
  }

  get isCounting(): boolean {
    return this.#isCounting
  }

  /** Counts from now on; returns the listener that does. */
  startCounting(): DecisionListener {
    this.#isCounting = true
    return this.#count
  }

  readonly #count = ({ source }: Decision, { durationMs }: DecisionEvent): void => {
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
      decisions: this.#isCounting ? { ...this.#decisions } : null,
      latency: this.#isCounting ? this.#latency.view(this.#clock.now()) : null,
      consecutiveFailures: 0,
      overloads: 0,
      parts: [],
      replicas: 1,
    }
  }
}
