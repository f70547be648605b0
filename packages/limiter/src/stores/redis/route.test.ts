import { describe, expect, it } from 'vitest'
import { VERDICT_SIZE } from '../../core/algorithm.ts'
import { type Budget, budgetOf } from '../../core/budget.ts'
import { compileRule, type RuleOptions } from '../../core/rule.ts'
import { encodedBudgetOf, routeOf } from './route.ts'

const bucket = { name: 'a', algorithm: 'token-bucket', limit: '5/s' }
const day = { name: 'b', algorithm: 'fixed-window', align: 'calendar' as const, limit: '9/day' }
const window = { name: 'c', limit: '100/min' }

function budget(...rules: readonly RuleOptions[]): Budget {
  return budgetOf(
    'api',
    rules.map((rule) => compileRule(rule, 'rule')),
  )
}

function shapeOf(...budgets: readonly Budget[]): string {
  return routeOf(budgets.map((one) => ({ budget: one, key: 'k' }))).shape.name
}

describe('a budget', () => {
  it('travels alike whatever the order of its rules', () => {
    const [one, two] = [
      encodedBudgetOf(budget(window, bucket, day)),
      encodedBudgetOf(budget(day, window, bucket)),
    ]
    expect(one.name).toBe('bucket,calendar,sliding-window')
    expect(two.name).toBe(one.name)
    expect(two.texts).toEqual(one.texts)
  })

  it('is of the shape of its kinds, whatever its names and numbers', () => {
    expect(shapeOf(budget({ ...bucket, name: 'x', limit: '7/h', burst: 3 }))).toBe(shapeOf(budget(bucket)))
    expect(shapeOf(budget(window))).not.toBe(shapeOf(budget(bucket)))
  })

  it('sends calendar edges for the time of the call, and all else as it is', () => {
    const daily = encodedBudgetOf(budget(day))
    const [today, tomorrow] = [daily.header(1.8e15), daily.header(1.8e15 + 86_400e6)]
    expect(tomorrow.slice(-4)).toEqual(today.slice(-4).map((edge) => edge + 86_400e6))
    const constant = encodedBudgetOf(budget(window))
    expect(constant.header(1.9e15)).toBe(constant.header(1.8e15))
  })
})

describe('the requests of a decision', () => {
  it('travel alike whatever their order', () => {
    const [one, two] = [budget(window), budget(bucket, day)]
    expect(shapeOf(one, two)).toBe('bucket,calendar | sliding-window')
    expect(shapeOf(two, one)).toBe(shapeOf(one, two))
  })

  it('have their verdicts where they were asked', () => {
    const budgets = [budget(window, bucket), budget(bucket)]
    const { verdicts } = routeOf(budgets.map((one) => ({ budget: one, key: 'k' })))
    const found = new Map(verdicts.map(({ rule, position, from }) => [from / VERDICT_SIZE, [position, rule]]))
    const expected = budgets.flatMap(({ rules }, position) => rules.map((rule) => [position, rule]))
    expect(expected.map((_, i) => found.get(i))).toEqual(expected)
  })
})
