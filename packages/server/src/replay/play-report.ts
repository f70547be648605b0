import type { PolicyExplanation, Reason } from 'headgate'
import type { Peak, TimelineView } from './timeline.ts'

/** What came of one rule. */
export interface RuleResult {
  readonly rule: string
  /** How many requests it was asked about. */
  readonly judged: number
  /** Of how many it had no units left, or stood blocked. */
  readonly denied: number
  /** Of how many it was the one that the denial names: the rule with the longest wait. */
  readonly binding: number
}

/** One key and how often it came. */
export interface CountedKey {
  /** For people: `ip=192.0.2.1 user=ann` of several attributes, `everybody`, else the value. */
  readonly key: string
  readonly count: number
  /** By how much the count may be too high. */
  readonly error: number
}

/** What came of one policy. */
export interface PolicyResult {
  readonly policy: string
  /** Requests that its rules passed, and those that were denied by it. */
  readonly passed: number
  readonly denied: number
  readonly rules: readonly RuleResult[]
  /** Rules that only counted: `denied` is what they would have denied. */
  readonly shadow: readonly RuleResult[]
  /** The keys that asked most, and those that were denied most. */
  readonly mostAsked: readonly CountedKey[]
  readonly mostDenied: readonly CountedKey[]
}

/** One of the first denials, with why it is one. */
export interface DenialView {
  /** In milliseconds since 1970. */
  readonly at: number
  /** What policies knew of it, without what may be a secret. */
  readonly attributes: Readonly<Record<string, string>>
  readonly reason: Reason
  readonly policy: string | null
  readonly rule: string | null
  readonly limit: number | null
  readonly retryAfterMs: number | null
  /** Which policies applied to it and which did not, and why. */
  readonly policies: readonly PolicyExplanation[]
}

/** Requests that could not be decided, for one reason. */
export interface RefusedView {
  /** The code of the error. */
  readonly code: string
  /** As it is said of the first of them. */
  readonly message: string
  readonly count: number
}

/** What came of a log under one configuration. */
export interface PlayReport {
  /** That of the configuration. */
  readonly hash: string
  readonly requests: number
  readonly allowed: number
  readonly denied: number
  readonly refused: number
  /** How many requests were decided for which reason. */
  readonly reasons: Readonly<Partial<Record<Reason, number>>>
  readonly refusals: readonly RefusedView[]
  readonly policies: readonly PolicyResult[]
  /** The first of them. */
  readonly denials: readonly DenialView[]
  readonly timeline: TimelineView
  readonly peak: { readonly requests: Peak; readonly denied: Peak }
  /** `overflowed`: how often a key had no record of its own, since there were more than `maxKeys`. */
  readonly keys: { readonly held: number; readonly overflowed: number; readonly maxKeys: number }
  /** What no request had, although policies ask for it, one sentence each. */
  readonly warnings: readonly string[]
}
