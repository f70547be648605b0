import type { Health } from 'headgate'
import type { CertificateInForce } from '../certificate.ts'
import type { Rejection } from '../configuration.ts'
import type { Service } from '../service.ts'
import type { EventLoopView } from './event-loop.ts'
import { type HealthView, storeView } from './health-view.ts'
import { mergeHealth } from './merge-health.ts'
import { type DecisionSource, mergeStatistics } from './statistics.ts'
import type { ThreadPart } from './thread-part.ts'

/** Follows how an instance is, whatever its threads. */
export class InstanceHealth {
  readonly #service: Service
  readonly #now: () => number
  readonly #startedAt: number
  readonly #ends: readonly (() => void)[]
  #rejected: Rejection | null = null
  #certificate: CertificateInForce | null = null

  /** `now` is in milliseconds since 1970. */
  constructor(service: Service, now: () => number) {
    this.#service = service
    this.#now = now
    this.#startedAt = now()
    this.#ends = [
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

  /** As its threads find it. */
  view(parts: readonly ThreadPart[]): HealthView {
    return {
      at: this.#now(),
      uptimeMs: this.#now() - this.#startedAt,
      isDraining: this.#service.isDraining,
      configuration: { hash: this.#service.configuration().hash, rejected: this.#rejected },
      store: storeView(healthOf(parts, this.#service)),
      decisions: decisionsOf(parts),
      overloads: parts.reduce((sum, { overloads }) => sum + overloads, 0),
      eventLoop: slowest(parts.flatMap(({ deciding }) => deciding?.eventLoop ?? [])),
      memory: {
        rssBytes: process.memoryUsage.rss(),
        heapUsedBytes: parts.reduce((sum, { heapUsedBytes }) => sum + heapUsedBytes, 0),
      },
      certificate: this.#certificate,
    }
  }

  close(): void {
    for (const end of this.#ends) end()
  }
}

/** The store as the threads find it that decide; while there is none, as the limiter here does. */
export function healthOf(parts: readonly ThreadPart[], service: Pick<Service, 'health'>): Health {
  const [first, ...others] = parts.flatMap(({ deciding }) => deciding?.health ?? [])
  return first === undefined ? service.health() : mergeHealth([first, ...others])
}

/** By source. Looks, which are no decisions of anybody, are none here, as they are for a limiter. */
function decisionsOf(parts: readonly ThreadPart[]): HealthView['decisions'] {
  const { sources } = mergeStatistics(parts.map(({ statistics }) => statistics))
  const of = (source: DecisionSource): number => sources.get(source)?.count ?? 0
  return {
    store: of('store'),
    lease: of('lease'),
    'deny-cache': of('deny-cache'),
    fallback: of('fallback'),
    open: of('open'),
    closed: of('closed'),
  }
}

/** The worst of several event loops. */
function slowest(loops: readonly EventLoopView[]): EventLoopView {
  return {
    meanMs: Math.max(0, ...loops.map(({ meanMs }) => meanMs)),
    p99Ms: Math.max(0, ...loops.map(({ p99Ms }) => p99Ms)),
    maxMs: Math.max(0, ...loops.map(({ maxMs }) => maxMs)),
  }
}
