import { describe, expect, it } from 'vitest'
import { LineBudget } from './line-budget.ts'

describe('LineBudget', () => {
  it('lets so many lines of a second pass, and says with the next one how many it withheld', () => {
    let now = 0
    const budget = new LineBudget(() => now)
    expect([1, 2, 3, 4].map(() => budget.take(2))).toEqual([0, 0, null, null])
    now = 999
    expect(budget.take(2)).toBeNull()
    now = 1000
    expect([1, 2].map(() => budget.take(2))).toEqual([3, 0])
  })
})
