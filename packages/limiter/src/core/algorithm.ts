import type { Window } from './duration.ts'

/** The wait of a cost above the capacity: no wait is long enough. */
export const NEVER: number = -1

/** State of all rules of one key: whole numbers in one array, in which those of a rule begin at its `offset`. */
export type State = Float64Array

/** Where verdicts are written. */
export type Numbers = Float64Array | number[]

/** One number of a state. */
export function at(state: State, index: number): number {
  return state[index] as number
}

/** The checked options of a rule, before an algorithm compiles them into terms. */
export interface RuleSpec {
  readonly name: string
  /** Units per window, ≥ 1 (a limit of 0 never reaches an algorithm). */
  readonly limit: number
  readonly window: Window
  /** Most units that can pass at one instant; equal to `limit` except for buckets and custom algorithms. */
  readonly burst: number
  /** Number of segments of a sliding window. */
  readonly segments: number
  /** IANA time zone of a calendar window. */
  readonly timezone: string
  /** Path of the rule in the configuration, for messages. */
  readonly path: string
}

/** The state of one rule right after a spend, as its receipt holds it. Times are microseconds of the store's clock. */
export interface RuleReceipt {
  /** When the state will have recovered; nothing of the spend is left then. */
  readonly recoversAtUs: number
  /** Number drawn when the record was created; no other record of its key has the same. */
  readonly incarnation: number
  /** What the record had given back since it was created: sub-units of a bucket, units of a window. */
  readonly returned: number
  /** Units of `returned` that came from `credit` rather than refunds; windows only. */
  readonly credited: number
  /** What was used right after the spend: sub-units of a bucket, or units in the entry of a window. */
  readonly stood: number
  /** Of a bucket, the time of the spend; of a window, when the entry began. */
  readonly since: number
}

/** What `overdraw` adds to the worst case of a window, in words: in the time that one is about, at most one call goes beyond. */
export const BEYOND_WINDOW: string = 'plus what one call spends beyond; its debt ends with the window'

/** How many numbers the verdict on one rule has, see `Verdicts.numbers`: wait, remaining, reset, and five for a receipt. */
export const VERDICT_SIZE = 8
/** Index of the wait in microseconds: 0 passes, {@link NEVER} never does. */
export const WAIT = 0
/** Index of the whole units left. */
export const REMAINING = 1
/** Index of the microseconds until the rule has recovered. */
export const RESET = 2
/** Index of the first of five numbers for a receipt: incarnation, returned, credited, stood, since. */
export const RECEIPT = 3
/** In place of the first of them: a ban or block denies, and every wait of the request lasts at least as long. */
export const BLOCKED = -1

/**
 * One algorithm: pure functions over whole numbers, with a twin in Lua that returns identical results (G6). All times are
 * microseconds; `T` is what `compile` returns. A fresh key has a state of zeros, and `advance` turns a recovered state into
 * one. The first number of a state is its incarnation, 0 until the first spend. The methods from `waitFor` on need a state
 * that was advanced to `now`.
 */
export interface Algorithm<T extends object = object> {
  /** Its name in Lua and in stored state. */
  readonly kind: string
  /** True for a custom algorithm. */
  readonly custom?: boolean
  /** Fields of a rule that it takes, besides name and limit. */
  readonly options: readonly string[]
  /** Compiles a rule into exact terms; throws `invalid-rule` when their products do not fit 2^53. */
  compile(spec: RuleSpec): T
  /** What identifies state besides the rule's name and the kind: the window, or for a bucket the rate. */
  identity(terms: T): string
  /** The terms as its Lua twin reads them, in its order. `now` is an estimate of the store's time. */
  luaTerms(terms: T, now: number): readonly number[]
  /** Whether {@link luaTerms} change with time. */
  readonly hasTimedTerms?: boolean
  /** How many numbers its twin replies with, per rule and decision. */
  readonly replySize: number
  /** Writes the verdict that a reply of its twin means: {@link VERDICT_SIZE} numbers into `numbers`, from index `from` on. */
  readReply(terms: T, reply: ReplyView, numbers: Numbers, from: number): void
  /** How many numbers the state of one key takes; 0 when that varies. */
  stateSize(terms: T): number
  /** For a state whose size varies: how many numbers one takes, and the most that any can take. */
  readonly variable?: { sizeOf(state: State, offset: number): number; readonly sizeMax: number }
  /** Whether the state is from the future, since the clock went back (G7). */
  isFuture(terms: T, state: State, offset: number, now: number): boolean
  /** Moves the state forward to `now`, or back when it is from the future. */
  advance(terms: T, state: State, offset: number, now: number): void
  /** The wait until `cost` passes: 0, a positive wait, or {@link NEVER}. */
  waitFor(terms: T, state: State, offset: number, now: number, cost: number): number
  /** Adds `cost`, even into debt, up to a maximum. A fresh state becomes a record with this `incarnation`. */
  spend(terms: T, state: State, offset: number, now: number, cost: number, incarnation: number): void
  /** Units used, rounded up; more than the capacity when in debt. */
  used(terms: T, state: State, offset: number, now: number): number
  /** When the state will equal a fresh one; 0 when it already does. The state need not be advanced. */
  recoversAt(terms: T, state: State, offset: number): number
  /** The time of the last spend. */
  spentAt(state: State, offset: number): number
  /** Writes five numbers for the receipt of a spend just made: the fields of {@link RuleReceipt} from `incarnation` on. */
  receipt(terms: T, state: State, offset: number, numbers: Numbers, from: number): void
  /** Gives back up to `cost` units of one spend, at most what is left of it; returns whole units, rounded down. */
  refund(terms: T, state: State, offset: number, now: number, cost: number, receipt: RuleReceipt): number
  /** Gives back up to `cost` units, newest spends first; returns whole units, rounded down. */
  credit(terms: T, state: State, offset: number, now: number, cost: number): number
  /**
   * Starts the state of a new rate with what an old rate of the same name has used, in whole units rounded up. Absent where
   * a new identity always starts fresh.
   */
  carry?(from: T, source: State, to: T, target: State, offset: number, now: number): void
  /** The wait for `cost`, derived from the verdict on `before`, which is no larger; null where only the store knows. */
  waitForMore(terms: T, verdict: VerdictView, cost: number, before: number): number | null
  /** Whether unspent units expire at the reset, as at the end of a fixed window: a lease must not outlive it. */
  readonly lapsesAtReset: boolean
  /** The most that this rule ever admits, in words, by guarantees G1 and G8; shown by `headgate check`. */
  worstCase(terms: T, rule: WorstCaseRule): string
}

/** The reply of a Lua twin on one rule. */
export interface ReplyView {
  readonly numbers: readonly number[]
  /** Index in `numbers` at which those of this rule begin. */
  readonly at: number
  /** The store's time at the decision. */
  readonly now: number
  /** The cost that was asked for. */
  readonly cost: number
}

/** The verdict on one rule. */
export interface VerdictView {
  /** Microseconds; {@link NEVER} when no wait is long enough. */
  readonly wait: number
  /** Whole units. */
  readonly remaining: number
  /** Microseconds until recovered. */
  readonly reset: number
}

/** The numbers that a worst case depends on. */
export interface WorstCaseRule {
  readonly limit: number
  readonly capacity: number
  readonly windowMs: number
  /** Lifetime of the policy's leases in milliseconds; 0 without leases. */
  readonly leaseMs: number
  /** Whether a call passes while one unit is left, and spends its whole cost. */
  readonly overdraw: boolean
}

/** A custom algorithm, made by `defineAlgorithm` of `headgate/custom`. */
export interface CustomAlgorithm<T extends object = object> extends Algorithm<T> {
  readonly custom: true
  /** Source of its Lua twin for Redis; empty when it works in memory only. */
  readonly lua: string
}
