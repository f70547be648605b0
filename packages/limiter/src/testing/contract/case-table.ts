import assert from 'node:assert/strict'
import type { Budget } from '../../core/budget.ts'
import type { Refund } from '../../core/store.ts'
import {
  type Answer,
  budgetFor,
  type ContractCase,
  type ContractSubject,
  decide,
  type Rules,
  refundOf,
  START,
} from './case.ts'

/** A case that is a table of calls on one key and their expected results. */
export function table(name: string, rules: Rules, rows: readonly Row[]): ContractCase {
  return { name, run: (subject) => play(subject, budgetFor(subject, rules), rows) }
}

/** One number for each rule; a plain number if there is one rule. */
type Numbers = number | readonly number[]

/** One line of a table: a call, and the parts of its result that are checked. */
export interface Row {
  /** Time of the call, in microseconds after {@link START}. */
  readonly at: number
  /** Name of the budget, if there are several; by default the first. */
  readonly by?: string
  readonly consume?: number
  readonly peek?: number
  readonly charge?: number
  readonly credit?: number
  /** Names the spend for a refund. */
  readonly as?: string
  /** Refunds the spend of this name. */
  readonly refund?: string
  /** Blocks the key for so many microseconds; 0 ends block and ban. */
  readonly block?: number
  /** Whether a denial of it is no offence. */
  readonly blameless?: true
  /** Whether a ban or block denied it. */
  readonly blocked?: boolean | readonly boolean[]
  /** Resets the key. */
  readonly forget?: true
  readonly wait?: Numbers
  /** Units that a credit or a refund gave back. */
  readonly gives?: Numbers
  readonly remaining?: Numbers
  readonly reset?: Numbers
}

const verbs = ['consume', 'peek', 'charge', 'credit'] as const

/** Runs a table on one key. */
export async function play(
  subject: ContractSubject,
  budgets: Budget | ReadonlyMap<string, Budget>,
  rows: readonly Row[],
): Promise<void> {
  const [first] = budgets instanceof Map ? budgets.values() : [budgets as Budget]
  const spends = new Map<string, Refund>()
  const { store, clock } = subject
  for (const row of rows) {
    clock.set(START + row.at)
    const budget = row.by === undefined ? first : (budgets as ReadonlyMap<string, Budget>).get(row.by)
    assert.ok(budget !== undefined, `the table has a budget ${row.by}`)
    const key = { budget, key: 'key' }
    if (row.forget) await store.reset([key])
    if (row.block !== undefined) await store.block([key], row.block)
    if (row.refund !== undefined) {
      const refund = spends.get(row.refund)
      assert.ok(refund !== undefined, `the table has a spend ${row.refund}`)
      const [gives] = await store.refund([refund])
      assert.deepEqual({ ...row, ...(row.gives !== undefined && { gives }) }, row)
    }
    const verb = verbs.find((one) => row[one] !== undefined)
    if (verb === undefined) continue
    const request = { ...key, cost: row[verb] as number, ...(row.blameless && { blameless: true }) }
    const answer = await decide(store, verb, [request])
    assert.equal(answer.now, START + row.at, 'a verdict carries the time of the store')
    assert.deepEqual({ ...row, ...actualOf(row, answer) }, row)
    if (row.as !== undefined) {
      const refund = refundOf(request, answer.receipts, subject.unique())
      spends.set(row.as, { ...refund, ...(budget.bans && { undoneAtUs: answer.now }) })
    }
  }
}

/** The parts of an answer that the row checks, in the row's form. */
function actualOf(row: Row, { waits, remaining, resets, blocked }: Answer): Partial<Row> {
  const answer = { wait: waits, gives: waits, remaining, reset: resets, blocked }
  const checked = Object.entries(answer).filter(([name]) => row[name as keyof Row] !== undefined)
  return Object.fromEntries(
    checked.map(([name, numbers]) => [name, Array.isArray(row[name as keyof Row]) ? numbers : numbers[0]]),
  )
}
