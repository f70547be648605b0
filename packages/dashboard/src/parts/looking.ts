import type { Reach } from '../format/key-reach.ts'
import type { BudgetName } from '../live/admin-answers.ts'

/** Whose budgets are looked at. */
export interface Looking {
  readonly reach: Reach
  /** Whom that is, in words. */
  readonly name: string
}

/** Looks at a key of a list. */
export type LookAt = (budget: BudgetName) => void
