// biome-ignore-all lint/complexity/useMaxParams: as in algorithm.ts, no object of arguments for a decision
/** Gives units back in the working copy of a record. */

import { at, type RuleReceipt, VERDICT_SIZE, WAIT } from '../../core/algorithm.ts'
import type { BudgetRequest, Refund } from '../../core/store.ts'
import type { WorkingCopy } from './working-copy.ts'

/** Where the verdicts on a request are, and by which time they are made. */
export interface VerdictPlace {
  readonly now: number
  readonly numbers: Float64Array
  /** Offset of the first verdict in `numbers`. */
  readonly from: number
}

/**
 * Gives back what was spent last under every rule of a request, and writes the units in place of the waits; returns whether
 * anything changed.
 */
export function creditSpends(
  { budget, cost }: BudgetRequest,
  { base, layout }: WorkingCopy,
  state: Float64Array,
  { now, numbers, from }: VerdictPlace,
): boolean {
  let any = false
  budget.rules.forEach(({ algorithm, terms }, r) => {
    const o = base + (layout.offsets[r] as number)
    const before = algorithm.used(terms, state, o, now)
    numbers[from + r * VERDICT_SIZE + WAIT] = algorithm.credit(terms, state, o, now, cost)
    any ||= before > 0
  })
  return any && cost > 0
}

/**
 * Refunds a spend; returns the least that a rule gave back, or null when no record of the spend exists any more. Rules in
 * shadow count only where no other rule was part of the spend.
 */
export function refundSpend(
  { budget, cost, rules }: Refund,
  { base, layout }: WorkingCopy,
  state: Float64Array,
  now: number,
): number | null {
  const given: number[] = []
  const givenInShadow: number[] = []
  let any = false
  budget.rules.forEach(({ algorithm, terms, shadow }, r) => {
    const o = base + (layout.offsets[r] as number)
    const receipt: RuleReceipt | undefined = rules[r]
    algorithm.advance(terms, state, o, now)
    if (receipt === undefined) return
    const isSame = receipt.incarnation !== 0 && at(state, o) === receipt.incarnation
    if (isSame) any = true
    const units = isSame ? algorithm.refund(terms, state, o, now, cost, receipt) : 0
    if (shadow) givenInShadow.push(units)
    else given.push(units)
  })
  return any ? Math.min(...(given.length > 0 ? given : givenInShadow)) : null
}
