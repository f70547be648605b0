import assert from 'node:assert/strict'
import { type Budget, budgetOf } from '../../core/budget.ts'
import { compileRule, type RuleOptions } from '../../core/rule.ts'
import { type Ask, type Refund, type Store, VERDICT, type Verb, type Verdicts } from '../../core/store.ts'

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

/** `[when, verb, cost, …says]`: microseconds after the start, and three numbers a rule: wait, remaining, reset. */
export type Row = readonly [when: number, verb: Verb, cost: number, ...says: number[]]

/** Microseconds after the start of an instant such as `2026-04-24T09:00Z`. */
export function after(instant: string): number {
  return Date.parse(instant) * 1000 - START
}

/** A budget of its own policy, or of `policy`. */
export function budgetFor(
  { unique }: ContractSubject,
  rules: RuleOptions | string | readonly (RuleOptions | string)[],
  policy: string = unique(),
): Budget {
  const list = Array.isArray(rules) ? rules : [rules]
  return budgetOf(
    policy,
    list.map((rule, i) => compileRule(rule, `rules[${i}]`)),
  )
}

/** An answer, cut to the numbers of the rules asked: the array of a store may be longer. */
export interface Answer extends Verdicts {
  readonly numbers: number[]
}

export async function decide(store: Store, verb: Verb, asks: readonly Ask[]): Promise<Answer> {
  const { now, numbers, source } = await store.decide(verb, asks)
  const count = asks.reduce((sum, { budget }) => sum + budget.rules.length, 0) * VERDICT
  assert.ok(numbers.length >= count, `${count} numbers are answered, not ${numbers.length}`)
  return { now, numbers: Array.from(numbers).slice(0, count), source }
}

/** Asks one budget and compares every number of the answer. */
export async function play(
  { store, clock }: ContractSubject,
  ask: Omit<Ask, 'cost'>,
  rows: readonly Row[],
): Promise<void> {
  for (const [when, verb, cost, ...says] of rows) {
    clock.set(START + when)
    const { now, numbers } = await decide(store, verb, [{ ...ask, cost }])
    assert.equal(now, START + when, 'a verdict carries the time of the store')
    assert.deepEqual([when, verb, cost, ...numbers], [when, verb, cost, ...says])
  }
}

/** A case that is one budget, one key and a table of questions and answers. */
export function table(
  name: string,
  rules: RuleOptions | string | readonly (RuleOptions | string)[],
  rows: readonly Row[],
): ContractCase {
  return {
    name,
    run: (subject) => play(subject, { budget: budgetFor(subject, rules), key: 'key' }, rows),
  }
}

/** Spends, which must pass, and returns the refund of it. */
export async function spend({ store }: ContractSubject, ask: Ask, id: string): Promise<Refund> {
  const verdicts = await decide(store, 'consume', [ask])
  const { numbers } = verdicts
  for (let i = 0; i < numbers.length; i += VERDICT) assert.equal(numbers[i], 0, 'the spend passes')
  return refundOf(ask, verdicts, id)
}

/** The refund of a spend that was answered by `verdicts`, which is of this ask alone. */
export function refundOf({ budget, key, cost }: Ask, { now, numbers }: Verdicts, id: string): Refund {
  const marks = budget.rules.map((_, i) => ({
    takenAtUs: now,
    recoveredAtUs: now + Number(numbers[i * VERDICT + 2]),
  }))
  return { budget, key, cost, id, marks }
}

/** Waits of all rules of an answer. */
export function waits({ numbers }: Verdicts): number[] {
  return Array.from(numbers).filter((_, i) => i % VERDICT === 0)
}

/** What is left in all rules of an answer. */
export function remaining({ numbers }: Verdicts): number[] {
  return Array.from(numbers).filter((_, i) => i % VERDICT === 1)
}
