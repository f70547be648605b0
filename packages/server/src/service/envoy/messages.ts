/** The messages of Envoy's rate limit protocol, whichever wire brings them: `envoy.service.ratelimit.v3`. */
import type { LimitUnit } from './units.ts'

/** Asks of several descriptors at once whether a request may pass. */
export interface RateLimitRequest {
  readonly domain: string
  readonly descriptors: readonly RateLimitDescriptor[]
  /**
   * Hits of each descriptor that says none itself.
   * @default 1, also where it is 0
   */
  readonly hitsAddend?: number
}

/** Entries by which one limit is found, and under which it counts. */
export interface RateLimitDescriptor {
  /** At least one; values may be empty. */
  readonly entries: readonly DescriptorEntry[]
  /** A limit in place of the one that is configured. */
  readonly limit?: RateLimitOverride
  /** Hits of this descriptor; 0 only looks. */
  readonly hitsAddend?: number
  /** Whether the hits are given back. */
  readonly isNegativeHits?: boolean
}

/** One entry of a descriptor. */
export interface DescriptorEntry {
  readonly key: string
  readonly value: string
}

/** A limit that comes with a descriptor. */
export interface RateLimitOverride {
  readonly requestsPerUnit: number
  readonly unit: LimitUnit
  /** How many units are one window: 10 of `MINUTE` are ten minutes. */
  readonly unitMultiplier?: number
}

export type LimitCode = 'OK' | 'OVER_LIMIT'

/** Whether the request may pass, and how each of its descriptors stands. */
export interface RateLimitResponse {
  readonly overallCode: LimitCode
  /** One for each descriptor, in their order. */
  readonly statuses: readonly DescriptorStatus[]
  readonly responseHeadersToAdd: readonly HeaderValue[]
  /** Present where a limit that passed has metadata. */
  readonly dynamicMetadata?: Readonly<Record<string, unknown>>
}

/** How one descriptor stands. */
export interface DescriptorStatus {
  readonly code: LimitCode
  /** Absent where nothing limits it. */
  readonly currentLimit?: CurrentLimit
  /** Hits that are left; 4294967295 where there is no end. */
  readonly limitRemaining: number
  /** Whole seconds, rounded up, until the window ends. */
  readonly secondsUntilReset?: number
}

/** The limit that judged a descriptor. */
export interface CurrentLimit extends RateLimitOverride {
  readonly name?: string
}

/** A header field of the response to the client. */
export interface HeaderValue {
  readonly key: string
  readonly value: string
}

/** The largest number of a field of the protocol. */
export const UINT32_MAX = 4_294_967_295
