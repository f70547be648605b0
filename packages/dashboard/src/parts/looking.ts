import type { Reach } from '../format/key-reach.ts'
import type { BudgetName } from '../live/admin-answers.ts'

/** Whose budgets are looked at: `shown` where it came from a list of the page. */
export interface Looking {
  readonly reach: Reach
  readonly shown: BudgetName | null
}
