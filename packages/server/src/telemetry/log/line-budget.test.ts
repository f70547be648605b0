import { describe, expect, it } from 'vitest'
import { LINE_BUDGET_BYTES, LineBudget } from './line-budget.ts'

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

  it('is one for all threads that share its memory', () => {
    const memory = new SharedArrayBuffer(LINE_BUDGET_BYTES)
    let now = 2 ** 31
    const budgets = [1, 2].map(() => new LineBudget(() => now, memory))
    const take = (): (number | null)[] => budgets.map((budget) => budget.take(3))
    expect([take(), take(), take()]).toEqual([
      [0, 0],
      [0, null],
      [null, null],
    ])
    now += 1000
    expect([take(), take()]).toEqual([
      [1, 2],
      [0, null],
    ])
  })
})
