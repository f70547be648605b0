/** Tables of one algorithm by itself, without a store. */
import { expect } from 'vitest'
import type { Rule } from '../../src/core/rule.ts'

/** How the rule stands: the wait for what was asked, what remains then, and the time until nothing is used. */
export interface Standing {
  readonly wait: number
  readonly remaining: number
  readonly reset: number
}

/** What is asked when, and what is answered; what passes is spent. */
export interface Row extends Standing {
  readonly at: number
  readonly cost: number
}

const ROOM = 200
const INCARNATION = 2

/** Asks a fresh state row after row, and compares every number. */
export function play(rule: Rule, rows: readonly Row[]): void {
  const state = new Float64Array(ROOM)
  for (const row of rows) expect({ ...row, ...ask(rule, state, row) }).toEqual(row)
}

/** Asks a state, which is brought forward, and spent from where the cost passes. */
function ask(rule: Rule, state: Float64Array, { at, cost }: Pick<Row, 'at' | 'cost'>): Standing {
  const { algorithm, terms, capacity } = rule
  algorithm.advance(terms, state, 0, at)
  const wait = algorithm.waitFor(terms, state, 0, at, cost)
  if (wait === 0 && cost > 0) algorithm.spend(terms, state, 0, at, cost, INCARNATION)
  const recoversAt = algorithm.recoversAt(terms, state, 0)
  return {
    wait,
    remaining: Math.max(0, capacity - algorithm.used(terms, state, 0, at)),
    reset: recoversAt === 0 ? 0 : recoversAt - at,
  }
}

/** Expects of random histories that every wait is exact: then the cost passes, a microsecond earlier it does not. */
export function expectExactWaits(rule: Rule, questions: readonly { gap: number; cost: number }[]): void {
  const state = new Float64Array(ROOM)
  let at = 0
  for (const { gap, cost } of questions) {
    at += gap
    const { wait } = ask(rule, state, { at, cost })
    if (wait === 0) continue
    expect(ask(rule, state.slice(), { at: at + wait - 1, cost }).wait).toBe(1)
    expect(ask(rule, state.slice(), { at: at + wait, cost }).wait).toBe(0)
  }
}
