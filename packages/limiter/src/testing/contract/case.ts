import assert from 'node:assert/strict'
import { REMAINING, RESET, type RuleReceipt, VERDICT_SIZE, WAIT } from '../../core/algorithm.ts'
import { type Budget, budgetOf } from '../../core/budget.ts'
import { compileRule, type Rule, type RuleOptions, type RuleOrigin } from '../../core/rule.ts'
import { receiptOf } from '../../core/rule-receipt.ts'
import type { BudgetRequest, Refund, Store, Verb } from '../../core/store.ts'

/** What a contract case is run on: a store, the clock it judges by, and names nobody else uses. */
export interface ContractSubject {
  readonly store: Store
  readonly clock: {
    /** Microseconds since the Unix epoch. */
    now(): number
    /** Sets the time, also backwards. */
    set(us: number): void
    /** Moves forward by microseconds. */
    advance(us: number): void
  }
  /** A new prefix for policies and keys: letters and digits, never the same twice. */
  unique(): string
}

/** One behaviour every store must have; run it in any test runner, it throws an AssertionError when it fails. */
export interface ContractCase {
  readonly name: string
  run(subject: ContractSubject): Promise<void>
}

/** Where every case starts, microseconds: midnight of Thursday, 2026-01-01, UTC. */
export const START = 1_767_225_600_000_000
export const MS = 1000
export const S = 1_000_000
export const MINUTE: number = 60 * S
export const HOUR: number = 60 * MINUTE
export const DAY: number = 24 * HOUR

/** One rule or several, as users write them. */
export type Rules = RuleOptions | string | readonly (RuleOptions | string)[]

/** Microseconds after the start of an instant such as `2026-04-24T09:00Z`. */
export function after(instant: string): number {
  return Date.parse(instant) * 1000 - START
}

/** Compiles rules as those of a policy, or as rates that come with a call. */
export function compileRules(rules: Rules, origin: RuleOrigin = {}): Rule[] {
  const list = Array.isArray(rules) ? rules : [rules]
  return list.map((rule, i) => compileRule(rule, `rules[${i}]`, new Map(), origin))
}

/** A budget of its own policy, or of `policy`. */
export function budgetFor({ unique }: ContractSubject, rules: Rules, policy: string = unique()): Budget {
  return budgetOf(policy, compileRules(rules))
}

/** An answer: one number a rule, in order. */
export interface Answer {
  readonly now: number
  /** Of a credit the units credited. */
  readonly waits: readonly number[]
  readonly remaining: readonly number[]
  readonly resets: readonly number[]
  /** What a receipt says, in case it was a spend. */
  readonly receipts: readonly RuleReceipt[]
}

/** Asks a store, and cuts its answer to the rules asked: its array may be longer. */
export async function decide(store: Store, verb: Verb, requests: readonly BudgetRequest[]): Promise<Answer> {
  const { now, numbers } = await store.decide(verb, requests)
  const count = requests.reduce((sum, { budget }) => sum + budget.rules.length, 0)
  const size = count * VERDICT_SIZE
  assert.ok(numbers.length >= size, `${size} numbers are answered, not ${numbers.length}`)
  const column = (offset: number): number[] =>
    Array.from({ length: count }, (_, rule) => numbers[rule * VERDICT_SIZE + offset] as number)
  const receipts = Array.from({ length: count }, (_, rule) => receiptOf(numbers, rule * VERDICT_SIZE, now))
  return { now, waits: column(WAIT), remaining: column(REMAINING), resets: column(RESET), receipts }
}

/** Spends, which must pass, and returns the refund of it. */
export async function spend({ store }: ContractSubject, request: BudgetRequest, id: string): Promise<Refund> {
  const { waits, receipts } = await decide(store, 'consume', [request])
  for (const wait of waits) assert.equal(wait, 0, 'the spend passes')
  return refundOf(request, receipts, id)
}

/** The refund of a spend by its receipts, one a rule of its budget. */
export function refundOf(
  { budget, key, cost }: BudgetRequest,
  rules: readonly RuleReceipt[],
  id: string,
): Refund {
  return { budget, key, cost, id, rules }
}
