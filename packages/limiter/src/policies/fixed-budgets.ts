import type { RuleOptions } from '../core/rule.ts'
import type { PolicyBudget } from './policy-budget.ts'
import type { WholeRule } from './whole-rule.ts'

interface Fixed {
  readonly policy: string
  readonly budget: PolicyBudget
}

/**
 * Budgets of rules that come with calls and cannot change: one that is frozen through and through is known by itself, and its
 * numbers need not be read again.
 */
export class FixedBudgets {
  readonly #byRule = new WeakMap<RuleOptions, Fixed>()

  /** The budget of a rule; `find` is asked for those that may have changed, or are not known. */
  get(whole: WholeRule, find: () => PolicyBudget): PolicyBudget {
    const { policy, rule } = whole
    const known = this.#byRule.get(rule)
    if (known?.policy === policy) return known.budget
    const budget = find()
    if (isFixed(rule)) this.#byRule.set(rule, { policy, budget })
    return budget
  }
}

function isFixed(rule: unknown): rule is RuleOptions {
  if (typeof rule !== 'object' || rule === null || !Object.isFrozen(rule)) return false
  const fields = Object.values(Object.getOwnPropertyDescriptors(rule))
  return fields.every(({ value, get }) => get === undefined && Object.isFrozen(value) && isFlat(value))
}

/** Whether it has no objects in it that may change. */
function isFlat(value: unknown): boolean {
  if (typeof value === 'function') return false
  if (typeof value !== 'object' || value === null) return true
  const fields = Object.values(Object.getOwnPropertyDescriptors(value))
  return fields.every(({ value: one, get }) => get === undefined && Object(one) !== one)
}
