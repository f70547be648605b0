import { type RuleReceipt, VERDICT_SIZE } from '../../src/core/algorithm.ts'
import { spendingRules } from '../../src/core/passing.ts'
import { ruleReceiptOf } from '../../src/core/rule-receipt.ts'
import type { BudgetKey, BudgetRequest, Refund } from '../../src/core/store.ts'

/** A spend that is to be taken back: known by its number, since every store draws incarnations of its own. */
export interface SpendRefund extends BudgetKey {
  readonly spend: number
  readonly cost: number
}

/** What one store answered to the spends of a history, for refunds that come later. */
export class Receipts {
  readonly #spends = new Map<string, ReadonlyMap<string, RuleReceipt>>()

  /** Keeps what a spend of this number says; of a denial it must not be asked. */
  keep(spend: number, requests: readonly BudgetRequest[], now: number, numbers: ArrayLike<number>): void {
    const spending = spendingRules(requests, numbers)
    let rule = 0
    for (const { budget, key } of requests) {
      const receipts = new Map<string, RuleReceipt>()
      for (const { identity } of budget.rules) {
        if (spending[rule]) receipts.set(identity.text, ruleReceiptOf(numbers, rule * VERDICT_SIZE, now))
        rule++
      }
      this.#spends.set(nameOf(spend, { budget, key }), receipts)
    }
  }

  /** Names rules by identity, whatever configuration asks; nothing is known of a spend that this history lacks. */
  refundOf({ spend, budget, key, cost }: SpendRefund): Refund {
    const receipts = this.#spends.get(nameOf(spend, { budget, key }))
    const rules = budget.rules.map(({ identity }) => receipts?.get(identity.text))
    return { budget, key, cost, id: `spend-${spend}`, rules }
  }
}

function nameOf(spend: number, { budget, key }: BudgetKey): string {
  return `${spend} ${budget.policy} ${key}`
}
