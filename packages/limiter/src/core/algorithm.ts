import type { Window } from './duration.ts'

/** Answer of {@link Algorithm.judge} when no wait can make room: the cost is above the capacity. */
export const NEVER: number = -1

/** State of rules under one key: whole numbers side by side in one array; a rule's begin at its `offset`. */
export type State = Float64Array

/** One number of a state. */
export function word(state: State, index: number): number {
  return state[index] as number
}

/** What a user's rule says, checked, before an algorithm turns it into exact terms. */
export interface RuleSpec {
  readonly name: string
  /** Units per window, ≥ 1 (a limit of 0 never reaches an algorithm). */
  readonly limit: number
  readonly window: Window
  /** Units admissible at one instant, the largest cost that can ever pass; equal to `limit` but for buckets and custom ones. */
  readonly burst: number
  /** Segments of a sliding window. */
  readonly segments: number
  /** IANA zone of a calendar window. */
  readonly timezone: string
  /** Where the rule stands in the configuration, for messages. */
  readonly path: string
}

/** The mark one spend left: when it was taken, and when the state of that moment was to be recovered. */
export interface SpendMark {
  readonly takenAtUs: number
  readonly recoveredAtUs: number
}

/**
 * One algorithm: pure functions over whole numbers, whose Lua twin answers identically (G6). All times are
 * microseconds; `T` is what `compile` returns. A state of zeros is a fresh key.
 */
export interface Algorithm<T extends object = object> {
  /** The name by which Lua and stored state know it. */
  readonly kind: string
  /** True for an algorithm of the user's. */
  readonly custom?: boolean
  /** Exact terms of a rule; throws `invalid-rule` when their products do not fit 2^53. */
  compile(spec: RuleSpec): T
  /** At most five terms in the order its Lua twin reads them. */
  fields(terms: T): readonly number[]
  /** What else its twin needs, in one line; absent where five numbers say all. */
  extra?(terms: T): string
  /** Numbers of state a key takes; 0 when that varies, and the first number then counts those that follow. */
  words(terms: T): number
  /** Whether the state lies in the future: a clock went back (G7). */
  ahead(terms: T, state: State, offset: number, now: number): boolean
  /** Brings the state forward to `now`; returns the wait until `cost` passes: 0, a positive wait, or {@link NEVER}. */
  judge(terms: T, state: State, offset: number, now: number, cost: number): number
  /** Adds `cost` to a judged state, even into debt, saturating. */
  spend(terms: T, state: State, offset: number, now: number, cost: number): void
  /** Time until a judged state equals a fresh one. */
  reset(terms: T, state: State, offset: number, now: number): number
  /** Units used in a judged state, rounded up; above the capacity in debt. */
  used(terms: T, state: State, offset: number, now: number): number
  /** Takes one spend back from a judged state, never more than is still charged for it. */
  refund(terms: T, state: State, offset: number, now: number, cost: number, mark: SpendMark): void
  /** Copies a judged state of other terms of this kind into a zeroed one; false where only `used` can. */
  convert(from: T, source: State, to: T, target: State, offset: number): boolean
}

/** An algorithm of the user's, as `defineAlgorithm` of `headgate/custom` makes it. */
export interface CustomAlgorithm<T extends object = object> extends Algorithm<T> {
  readonly custom: true
  /** Its twin for Redis; empty when it works in memory only. */
  readonly lua: string
}
