import type { RequestProxied, TargetHealthChanged } from '../../service/proxy-events.ts'
import type { Service } from '../../service/service.ts'
import { family } from './catalogue.ts'
import { ClosedNames } from './closed-names.ts'
import { DurationBuckets } from './duration-buckets.ts'
import type { Family } from './metric.ts'

/** More outcomes than there are. */
const OUTCOMES_MAX = 31
/** Routes of configurations, also of such that were replaced. What more there are is one series. */
const ROUTES_MAX = 255
const RADIX = ROUTES_MAX + 1
/** Targets whose health is told, also of configurations that were replaced. */
const TARGETS_MAX = 1000

/** In seconds: from an answer of the proxy itself to the longest time that an upstream has by default. */
const BOUNDS: readonly number[] = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
]

/** Counts what goes through the proxy: a few additions each. Has no series before the first request. */
export class ProxyCounts {
  readonly #outcomes = new ClosedNames(OUTCOMES_MAX)
  readonly #routes = new ClosedNames(ROUTES_MAX)
  readonly #requests = new Map<number, number>()
  /** By the number of the outcome. */
  readonly #durations = new Map<number, DurationBuckets>()
  #upstream: DurationBuckets | null = null
  readonly #health = new Map<string, boolean>()

  /** Counts what a service tells from now on. */
  constructor({ on }: Pick<Service, 'on'>) {
    on('proxied', (event) => this.#add(event))
    on('target-health', (event) => this.#addHealth(event))
  }

  families(): Family[] {
    const requests = [...this.#requests].map(([code, count]): [string[], number] => {
      const route = this.#routes.nameOf(code % RADIX)
      return [[this.#outcomes.nameOf(Math.floor(code / RADIX)), route], count]
    })
    const durations = [...this.#durations].map(([outcome, { value }]): [string[], typeof value] => {
      return [[this.#outcomes.nameOf(outcome)], value]
    })
    const upstream = this.#upstream?.value
    const health = [...this.#health].map(([target, isHealthy]): [string[], number] => {
      return [[target], isHealthy ? 1 : 0]
    })
    return [
      family('headgate_proxy_requests_total', requests),
      { ...family('headgate_proxy_request_duration_seconds', durations), bounds: BOUNDS },
      {
        ...family('headgate_proxy_upstream_duration_seconds', upstream === undefined ? [] : [[[], upstream]]),
        bounds: BOUNDS,
      },
      family('headgate_proxy_target_healthy', health),
    ]
  }

  #add({ outcome, route, durationMs, upstreamMs }: RequestProxied): void {
    const ended = this.#outcomes.numberOf(outcome)
    const code = ended * RADIX + this.#routes.numberOf(route)
    this.#requests.set(code, (this.#requests.get(code) ?? 0) + 1)
    let durations = this.#durations.get(ended)
    if (durations === undefined) {
      durations = new DurationBuckets(BOUNDS)
      this.#durations.set(ended, durations)
    }
    durations.add(durationMs / 1000)
    if (upstreamMs === null) return
    this.#upstream ??= new DurationBuckets(BOUNDS)
    this.#upstream.add(upstreamMs / 1000)
  }

  #addHealth({ target, isHealthy }: TargetHealthChanged): void {
    if (this.#health.size >= TARGETS_MAX && !this.#health.has(target)) this.#forgetHealthy()
    if (this.#health.size < TARGETS_MAX || this.#health.has(target)) this.#health.set(target, isHealthy)
  }

  /** One that is healthy: of those that no configuration names any more all are. */
  #forgetHealthy(): void {
    for (const [target, isHealthy] of this.#health) {
      if (!isHealthy) continue
      this.#health.delete(target)
      return
    }
  }
}
