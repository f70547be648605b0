/** Limits as `envoyproxy/ratelimit` arranges them: a tree of entries for each domain, each limit a policy of that name. */
import type { LimitUnit } from './units.ts'

/** A domain: what its descriptors may be. */
export interface LimitDomain {
  readonly domain: string
  readonly descriptors: readonly LimitNode[]
}

/** One entry of descriptors, and what may follow it. */
export interface LimitNode {
  readonly key: string
  /** The value that it must have, in which `*` is any text; absent: any, each with a budget of its own. */
  readonly value?: string
  /** Whether all values that match share one budget. */
  readonly isShared: boolean
  /** What limits a descriptor that ends here; absent: nothing. */
  readonly limit?: NodeLimit
  readonly descriptors: readonly LimitNode[]
}

/** What limits a descriptor. */
export interface NodeLimit {
  /** The policy that counts it; null where there is no end. */
  readonly policy: string | null
  /** As it is called in answers, and by `replaces` of others; empty where it has no name. */
  readonly name: string
  readonly requestsPerUnit: number
  readonly unit: LimitUnit
  /** Names of limits that do not hold beside this one. */
  readonly replaces: readonly string[]
  /** Whether it denies only where all of its kind in a request do. */
  readonly isQuota: boolean
  /** What answers bring along where it passed. */
  readonly metadata?: Readonly<Record<string, unknown>>
}
