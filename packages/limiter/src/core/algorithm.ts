import type { Window } from './duration.ts'

/** The wait when no wait can make room: the cost is above the capacity. */
export const NEVER: number = -1

/** State of the rules of one key: whole numbers side by side in one array; a rule's begin at its `offset`. */
export type State = Float64Array

/** Where verdicts are written. */
export type Numbers = Float64Array | number[]

/** One number of a state. */
export function at(state: State, index: number): number {
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

/** What a receipt says of one rule: its state right after the spend. Times are microseconds of the store's clock. */
export interface RuleReceipt {
  /** When the state was to be recovered: after it nothing of the spend is left. */
  readonly recoversAtUs: number
  /** Number that the record drew when it began; no other record of its key has it. */
  readonly incarnation: number
  /** What the record had given back since it began: sub-units of a bucket, units of a window. */
  readonly returned: number
  /** Units of `returned` that were credited, not refunded; windows only. */
  readonly credited: number
  /** What was used right after the spend: sub-units of a bucket, units in the entry of a window. */
  readonly stood: number
  /** When that was true of a bucket; when the entry of a window began. */
  readonly since: number
}

/** Numbers of one rule's verdict, see `Verdicts.numbers`: three that say how it stands, five for a receipt. */
export const VERDICT_SIZE = 8
export const WAIT = 0
export const REMAINING = 1
export const RESET = 2
/** Where the numbers for a receipt begin: incarnation, returned, credited, stood, since. */
export const RECEIPT = 3

/**
 * One algorithm: pure functions over whole numbers, whose Lua twin answers identically (G6). All times are
 * microseconds; `T` is what `compile` returns. A state of zeros is a fresh key, and a recovered state is made one by
 * `advance`. The first number of a state is its incarnation, 0 until the first spend. The methods from `waitFor` on
 * take a state that was advanced to `now`.
 */
export interface Algorithm<T extends object = object> {
  /** The name by which Lua and stored state know it. */
  readonly kind: string
  /** True for an algorithm of the user's. */
  readonly custom?: boolean
  /** Fields of a rule, beside limit and name, that it takes. */
  readonly options: readonly string[]
  /** Exact terms of a rule; throws `invalid-rule` when their products do not fit 2^53. */
  compile(spec: RuleSpec): T
  /** What state belongs to beside the rule's name and the kind: a window, of a bucket the rate. */
  identity(terms: T): string
  /** The numbers its Lua twin reads, in its order. `now` is the caller's estimate of the store's time. */
  luaTerms(terms: T, now: number): readonly number[]
  /** Whether {@link luaTerms} change with time. */
  readonly hasTimedTerms?: boolean
  /** Numbers of its twin's reply to one decision. */
  readonly replySize: number
  /**
   * Makes a verdict of its twin's reply, which stands in `reply` from `at` on: the wait, units remaining, time to recover,
   * and what a receipt says, as {@link VERDICT_SIZE} numbers.
   */
  readReply(terms: T, reply: ReplyView, numbers: Numbers, from: number): void
  /** Numbers of state a key takes; 0 when that varies. */
  stateSize(terms: T): number
  /** Numbers in use of a state whose size varies, and the most there can ever be. */
  readonly variable?: { sizeOf(state: State, offset: number): number; readonly sizeMax: number }
  /** Whether the state lies in the future: a clock went back (G7). */
  isFuture(terms: T, state: State, offset: number, now: number): boolean
  /** Brings the state forward to `now`, or back when it lies in the future. */
  advance(terms: T, state: State, offset: number, now: number): void
  /** The wait until `cost` passes: 0, a positive wait, or {@link NEVER}. */
  waitFor(terms: T, state: State, offset: number, now: number, cost: number): number
  /** Adds `cost`, even into debt, saturating. A record that begins takes the number `incarnation`. */
  spend(terms: T, state: State, offset: number, now: number, cost: number, incarnation: number): void
  /** Units used, rounded up; above the capacity in debt. */
  used(terms: T, state: State, offset: number, now: number): number
  /** When the state will equal a fresh one; 0 when it does. Also of a state that was not advanced. */
  recoversAt(terms: T, state: State, offset: number): number
  /** When the state was last spent from. */
  spentAt(state: State, offset: number): number
  /** Writes what a receipt of a spend just made says: five numbers in the order of {@link RuleReceipt} from incarnation on. */
  receipt(terms: T, state: State, offset: number, numbers: Numbers, from: number): void
  /** Takes back up to `cost` units of one spend, never more than is left of it; answers whole units, rounded down. */
  refund(terms: T, state: State, offset: number, now: number, cost: number, receipt: RuleReceipt): number
  /** Gives back up to `cost` units, newest spends first; answers whole units, rounded down. */
  credit(terms: T, state: State, offset: number, now: number, cost: number): number
  /**
   * Begins the state of a new rate with what an old one of the same name has used, in whole units rounded up; absent
   * where another identity always begins fresh.
   */
  carry?(from: T, source: State, to: T, target: State, offset: number, now: number): void
  /** The wait for `cost`, given the verdict on the smaller or equal cost `before`; null where only the store can tell. */
  waitForMore(terms: T, verdict: VerdictView, cost: number, before: number): number | null
  /** Whether units left over are of no use after the reset told: a lease must not outlive it. */
  readonly lapsesAtReset: boolean
  /** The most this rule ever admits, in words, as guarantees G1 and G8 have it: see `headgate check`. */
  worstCase(terms: T, rule: WorstCaseRule): string
}

/** What a twin answered: numbers, where its own begin, and what it was asked. */
export interface ReplyView {
  readonly numbers: readonly number[]
  readonly at: number
  readonly now: number
  readonly cost: number
}

/** How a rule stood at a decision. */
export interface VerdictView {
  readonly wait: number
  readonly remaining: number
  readonly reset: number
}

/** What the worst case is told from. */
export interface WorstCaseRule {
  readonly limit: number
  readonly capacity: number
  readonly windowMs: number
  /** Lifetime of the policy's leases; 0 without. */
  readonly leaseMs: number
}

/** An algorithm of the user's, as `defineAlgorithm` of `headgate/custom` makes it. */
export interface CustomAlgorithm<T extends object = object> extends Algorithm<T> {
  readonly custom: true
  /** Its twin for Redis; empty when it works in memory only. */
  readonly lua: string
}
