import type { Rate } from '../core/rate.ts'
import type { RuleOptions } from '../core/rule.ts'
import type { Listed } from './access-lists.ts'
import type { PolicyBudget } from './policy-budget.ts'

/** One budget of a policy under one key. */
export interface PolicyKey {
  readonly budget: PolicyBudget
  readonly key: string
}

/** How much a request spends from a budget. */
export interface PolicySpend extends PolicyKey {
  readonly cost: number
}

/** What applies to a request: an access list, or budgets. */
export interface RequestMatch {
  /** The access list that it is on; null where it is on none. */
  readonly listed: Listed
  /** Budgets and keys to spend from, and how much; empty where it is on a list. */
  readonly keys: readonly PolicySpend[]
}

/** Options of a call that affect which budgets it spends from, and how much. */
export interface KeyOptions {
  readonly cost?: number
  readonly limit?: Rate | readonly Rate[]
  readonly policy?: string
  readonly rule?: RuleOptions
}
