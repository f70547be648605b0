/** What the verdicts on several requests amount to, where some of the rules only count. */

import { VERDICT_SIZE, WAIT } from './algorithm.ts'
import type { BudgetRequest } from './store.ts'

/** Whether every rule that enforces its limit passes. Rules in shadow have no say. */
export function passes(requests: readonly BudgetRequest[], numbers: ArrayLike<number>): boolean {
  let from = WAIT
  for (const { budget } of requests) {
    for (const { shadow } of budget.rules) {
      if (budget.enforces && !shadow && numbers[from] !== 0) return false
      from += VERDICT_SIZE
    }
  }
  return true
}

/**
 * For every rule, whether it spends where the decision admits the request: a rule in shadow where it itself passes, those
 * of a policy in shadow where all of them do, and any other always.
 */
export function spendingRules(requests: readonly BudgetRequest[], numbers: ArrayLike<number>): boolean[] {
  const spending: boolean[] = []
  for (const { budget } of requests) {
    const first = spending.length
    const waitOf = (rule: number): number => numbers[(first + rule) * VERDICT_SIZE + WAIT] as number
    const together = budget.enforces || budget.rules.every(({ shadow }, r) => shadow || waitOf(r) === 0)
    spending.push(...budget.rules.map(({ shadow }, r) => (shadow ? waitOf(r) === 0 : together)))
  }
  return spending
}
