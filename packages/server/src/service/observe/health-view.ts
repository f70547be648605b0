import type { Health } from 'headgate'
import type { CertificateInForce } from '../certificate.ts'
import type { Rejection } from '../configuration.ts'
import type { EventLoopView } from './event-loop.ts'

/** How an instance is. */
export interface HealthView {
  /** In milliseconds since 1970. */
  readonly at: number
  readonly uptimeMs: number
  readonly isDraining: boolean
  readonly configuration: { readonly hash: string; readonly rejected: Rejection | null }
  readonly store: StoreView
  /** Decisions by source, without looks such as `explain` and `usage`. */
  readonly decisions: NonNullable<Health['decisions']>
  /** Decisions that were made without the store because this process was late. */
  readonly overloads: number
  readonly eventLoop: EventLoopView
  readonly memory: { readonly rssBytes: number; readonly heapUsedBytes: number }
  /** Null without TLS. */
  readonly certificate: CertificateInForce | null
}

/** How the store is, without asking it. */
export type StoreView = Omit<Health, 'decisions' | 'overloads' | 'parts'> & {
  readonly available: boolean
  /** How many parts it has, such as servers of a Cluster, and how many of them are left alone. */
  readonly parts: { readonly total: number; readonly unavailable: number }
}

/** What is known of the store, for people. */
export function storeView({ decisions: _, overloads: __, parts, ...health }: Health): StoreView {
  return {
    available: health.breaker === 'closed',
    ...health,
    parts: { total: parts.length, unavailable: parts.filter(({ breaker }) => breaker !== 'closed').length },
  }
}
