import type { CertificateInForce } from '../certificate.ts'
import type { Rejection } from '../configuration.ts'
import type { Service } from '../service.ts'
import { EventLoopWatch } from './event-loop.ts'
import { type HealthView, storeView } from './health-view.ts'
import { SourceCounts } from './source-counts.ts'

/** Follows how an instance is. */
export class InstanceHealth {
  readonly #service: Service
  readonly #now: () => number
  readonly #startedAt: number
  readonly #eventLoop = new EventLoopWatch()
  readonly #decisions = new SourceCounts()
  readonly #ends: readonly (() => void)[]
  #rejected: Rejection | null = null
  #certificate: CertificateInForce | null = null

  /** `now` is in milliseconds since 1970. */
  constructor(service: Service, now: () => number) {
    this.#service = service
    this.#now = now
    this.#startedAt = now()
    this.#ends = [
      service.on('decision', ({ decision }) => this.#decisions.add(decision)),
      service.on('certificate', ({ fingerprint, notAfterMs }) => {
        this.#certificate = { fingerprint, notAfterMs }
      }),
      service.on('configuration-rejected', ({ rejected }) => {
        this.#rejected = rejected
      }),
      service.on('configuration', () => {
        this.#rejected = null
      }),
    ]
  }

  /** A second has passed. */
  tick(): void {
    this.#eventLoop.tick()
  }

  view(): HealthView {
    const health = this.#service.health()
    const { rss, heapUsed } = process.memoryUsage()
    return {
      at: this.#now(),
      uptimeMs: this.#now() - this.#startedAt,
      isDraining: this.#service.isDraining,
      configuration: { hash: this.#service.configuration().hash, rejected: this.#rejected },
      store: storeView(health),
      decisions: this.#decisions.view(),
      overloads: health.overloads,
      eventLoop: this.#eventLoop.view(),
      memory: { rssBytes: rss, heapUsedBytes: heapUsed },
      certificate: this.#certificate,
    }
  }

  close(): void {
    this.#eventLoop.close()
    for (const end of this.#ends) end()
  }
}
