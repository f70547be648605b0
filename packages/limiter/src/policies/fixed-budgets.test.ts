import { describe, expect, it } from 'vitest'
import type { RuleOptions } from '../core/rule.ts'
import { FixedBudgets } from './fixed-budgets.ts'
import type { PolicyBudget } from './policy-budget.ts'

const budgetOf = (): PolicyBudget => ({}) as PolicyBudget

describe('budgets of rules of calls', () => {
  const rate = Object.freeze({ limit: 1, window: 1000 })
  let isRead = false
  const shifting = Object.freeze({
    get limit(): '1/s' {
      isRead = true
      return '1/s'
    },
  })

  it.each<[string, RuleOptions]>([
    ['texts', Object.freeze({ limit: '1/s' })],
    ['frozen rates', Object.freeze({ algorithm: 'token-bucket', limit: rate, burst: 5 })],
  ])('are found without a look where the rule cannot change: %s', (_, rule) => {
    const budgets = new FixedBudgets()
    const budget = budgets.get({ policy: 'a', rule }, budgetOf)
    expect(budgets.get({ policy: 'a', rule }, budgetOf)).toBe(budget)
    expect(budgets.get({ policy: 'b', rule }, budgetOf)).not.toBe(budget)
  })

  it.each<[string, RuleOptions]>([
    ['the rule', { limit: '1/s' }],
    ['its rate', Object.freeze({ limit: { limit: 1, window: 1000 } })],
    ['what is read of it', shifting],
  ])('are looked for each time where %s may change', (_, rule) => {
    const budgets = new FixedBudgets()
    const budget = budgets.get({ policy: 'a', rule }, budgetOf)
    expect(budgets.get({ policy: 'a', rule }, budgetOf)).not.toBe(budget)
    expect(isRead).toBe(false)
  })
})
