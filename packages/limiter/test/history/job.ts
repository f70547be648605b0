/** What a recording process is told to do, and what it tells. */
import { budgetOf } from '../../src/core/budget.ts'
import { compileRule, type RuleOptions } from '../../src/core/rule.ts'
import type { BudgetRequest } from '../../src/core/store.ts'
import type { History } from './history.ts'

export interface Job {
  readonly url: string
  readonly prefix: string
  readonly rule: RuleOptions
  /** Units held without asking the store, and for how long; every decision asks it where there is none. */
  readonly lease?: { readonly max: number; readonly lifetimeUs: number }
  readonly keys: readonly string[]
  /** How many calls of a process are under way at a time. */
  readonly callers: number
  readonly cost: number
}

export interface Recorded {
  /** Spends of each key, in the order of the keys. */
  readonly spends: readonly History[]
  readonly denials: number
  /** When the store last denied before the end; 0 when it did not. */
  readonly deniedUs: number
  /** Decisions that the store did not answer, which are no part of a history. */
  readonly failures: number
}

/** What the decisions of a job ask, key for key. */
export function requestsOf({ rule, lease, keys, cost }: Omit<Job, 'url'>): BudgetRequest[] {
  const budget = { ...budgetOf('recorded', [compileRule(rule, 'rule')]), lease }
  return keys.map((key) => ({ budget, key, cost }))
}
