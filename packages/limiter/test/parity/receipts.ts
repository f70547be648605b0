import { type RuleReceipt, VERDICT_SIZE } from '../../src/core/algorithm.ts'
import { spendingRules } from '../../src/core/passing.ts'
import { ruleReceiptOf } from '../../src/core/rule-receipt.ts'
import type { BudgetKey, BudgetRequest, Refund } from '../../src/core/store.ts'

/** A spend that is to be taken back: known by its number, since every store draws incarnations of its own. */
export interface SpendRefund extends BudgetKey {
  readonly spend: number
  readonly cost: number
}

/** What a store said of a spend on one budget. */
interface Kept {
  readonly rules: ReadonlyMap<string, RuleReceipt>
  readonly cost: number
  /** When it was made, where the policy bans. */
  readonly undoneAtUs: number | undefined
}

/** What one store answered to the spends of a history, for refunds that come later. */
export class Receipts {
  readonly #spends = new Map<string, Kept>()

  /** Keeps what a spend of this number says; of a denial it must not be asked. */
  keep(spend: number, requests: readonly BudgetRequest[], now: number, numbers: ArrayLike<number>): void {
    const spending = spendingRules(requests, numbers)
    let rule = 0
    for (const { budget, key, cost } of requests) {
      const rules = new Map<string, RuleReceipt>()
      for (const { identity } of budget.rules) {
        if (spending[rule]) rules.set(identity.text, ruleReceiptOf(numbers, rule * VERDICT_SIZE, now))
        rule++
      }
      const undoneAtUs = budget.bans === undefined ? undefined : now
      this.#spends.set(nameOf(spend, { budget, key }), { rules, cost, undoneAtUs })
    }
  }

  /** Names rules by identity, whatever configuration asks; nothing is known of a spend that this history lacks. */
  refundOf({ spend, budget, key, cost }: SpendRefund): Refund {
    const kept = this.#spends.get(nameOf(spend, { budget, key }))
    const rules = budget.rules.map(({ identity }) => kept?.rules.get(identity.text))
    const undoneAtUs = kept === undefined || cost < kept.cost ? undefined : kept.undoneAtUs
    return { budget, key, cost, id: `spend-${spend}`, rules, undoneAtUs }
  }
}

function nameOf(spend: number, { budget, key }: BudgetKey): string {
  return `${spend} ${budget.policy} ${key}`
}
