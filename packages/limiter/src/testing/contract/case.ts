import assert from 'node:assert/strict'
import {
  BLOCKED,
  RECEIPT,
  REMAINING,
  RESET,
  type RuleReceipt,
  VERDICT_SIZE,
  WAIT,
} from '../../core/algorithm.ts'
import { type Budget, budgetOf } from '../../core/budget.ts'
import { spendingRules } from '../../core/passing.ts'
import { compileRule, type Rule, type RuleContext, type RuleOptions } from '../../core/rule.ts'
import { ruleReceiptOf } from '../../core/rule-receipt.ts'
import type { BudgetRequest, Refund, Store, Verb } from '../../core/store.ts'

/** What a contract case is run on: a store, the clock it judges by, and a source of unused names. */
export interface ContractSubject {
  readonly store: Store
  readonly clock: {
    /** Microseconds since the Unix epoch. */
    now(): number
    /** Sets the time, also backwards. */
    set(us: number): void
    /** Moves forward by microseconds. */
    advanceUs(us: number): void
  }
  /** Returns a new prefix for policies and keys: letters and digits, unique in the store. */
  unique(): string
}

/** One behaviour that every store must have. It works in any test runner: it throws an AssertionError when it fails. */
export interface ContractCase {
  readonly name: string
  run(subject: ContractSubject): Promise<void>
}

/** The time at which every case starts, in microseconds: midnight of Thursday, 2026-01-01, UTC. */
export const START = 1_767_225_600_000_000
export const MS = 1000
export const S = 1_000_000
export const MINUTE: number = 60 * S
export const HOUR: number = 60 * MINUTE
export const DAY: number = 24 * HOUR

/** One rule or several, as users write them. */
export type Rules = RuleOptions | string | readonly (RuleOptions | string)[]

/** Microseconds from {@link START} to an instant such as `2026-04-24T09:00Z`. */
export function after(instant: string): number {
  return Date.parse(instant) * 1000 - START
}

/** Compiles rules, as those of a policy or as rates that come with a call. */
export function compileRules(rules: Rules, origin: RuleContext = {}): Rule[] {
  const list = Array.isArray(rules) ? rules : [rules]
  return list.map((rule, i) => compileRule(rule, `rules[${i}]`, origin))
}

/** A budget of a new policy, or of `policy`. */
export function budgetFor({ unique }: ContractSubject, rules: Rules, policy: string = unique()): Budget {
  return budgetOf(policy, compileRules(rules))
}

/** Verdicts by column: one number for each rule, in order. */
export interface Answer {
  readonly now: number
  /** The wait; after a credit the units given back. */
  readonly waits: readonly number[]
  readonly remaining: readonly number[]
  readonly resets: readonly number[]
  /** Whether a ban or block denied it. */
  readonly blocked: readonly boolean[]
  /** The receipts, if it was a spend; undefined for rules in shadow that did not pass. */
  readonly receipts: readonly (RuleReceipt | undefined)[]
}

/** Makes a decision, and cuts its verdicts to the rules of the requests: the store's array may be longer. */
export async function decide(store: Store, verb: Verb, requests: readonly BudgetRequest[]): Promise<Answer> {
  const { now, numbers } = await store.decide(verb, requests)
  const count = requests.reduce((sum, { budget }) => sum + budget.rules.length, 0)
  const size = count * VERDICT_SIZE
  assert.ok(numbers.length >= size, `${size} numbers are answered, not ${numbers.length}`)
  const column = (offset: number): number[] =>
    Array.from({ length: count }, (_, rule) => numbers[rule * VERDICT_SIZE + offset] as number)
  const receipts = spendingRules(requests, numbers).map((spends, rule) =>
    spends ? ruleReceiptOf(numbers, rule * VERDICT_SIZE, now) : undefined,
  )
  const waits = column(WAIT)
  const blocked = column(RECEIPT).map((number, i) => waits[i] !== 0 && number === BLOCKED)
  return { now, waits, remaining: column(REMAINING), resets: column(RESET), blocked, receipts }
}

/** Makes a spend, which must pass, and returns its refund. */
export async function spend({ store }: ContractSubject, request: BudgetRequest, id: string): Promise<Refund> {
  const { waits, receipts } = await decide(store, 'consume', [request])
  for (const wait of waits) assert.equal(wait, 0, 'the spend passes')
  return refundOf(request, receipts, id)
}

/** The refund of a spend, made of its receipts, one for each rule of its budget. */
export function refundOf(
  { budget, key, cost }: BudgetRequest,
  rules: readonly (RuleReceipt | undefined)[],
  id: string,
): Refund {
  return { budget, key, cost, id, rules }
}
