import { describe, expect, it } from 'vitest'
import { type Budget, budgetOf } from '../../core/budget.ts'
import { compileRule, type Rule, type RuleOptions } from '../../core/rule.ts'
import { Shares } from './shares.ts'

const compiled = (options: RuleOptions): Rule => compileRule({ name: 'r', ...options }, 'rule')
const bucket = (limit: string): Rule => compiled({ algorithm: 'token-bucket', limit, burst: 20 })
const idOf = (budget: Budget): number => budget.rules[0]?.identity.id ?? 0

describe('the shares of budgets', () => {
  it('judge by numbers of the share, and report them under the identities of the original rules', () => {
    const shares = new Shares('here')
    const budget = budgetOf('api', [compiled({ limit: '60/min' })])
    const { judged, reported } = shares.of(budget, 3)
    expect(judged.rules[0]).toMatchObject({ name: 'r', capacity: 20, windowMs: 180_000 })
    expect(reported.rules[0]).toMatchObject({ name: 'r', capacity: 20, identity: budget.rules[0]?.identity })
    expect([reported.fallbackId, judged.fallbackId]).toEqual(['here', undefined])
    expect(idOf(judged)).not.toBe(idOf(reported))
  })

  it('are made once for a count of replicas', () => {
    const shares = new Shares('here')
    const budget = budgetOf('api', [bucket('60/min')])
    const first = shares.of(budget, 3)
    expect(shares.of(budget, 3)).toBe(first)
    expect(shares.of(budget, 2)).not.toBe(first)
  })

  it('of a policy’s other rates are in force beside it, those of another count of replicas are not', () => {
    const shares = new Shares('here')
    const both = [bucket('60/min'), bucket('10/s')]
    const [base, override] = both.map((rule) => budgetOf('api', [rule], { inForce: both })) as [
      Budget,
      Budget,
    ]
    const before = idOf(shares.of(base, 1).judged)
    const other = idOf(shares.of(override, 2).judged)
    const { judged } = shares.of(base, 2)
    expect([...judged.inForce].sort()).toEqual([idOf(judged), other].sort())
    expect(judged.inForce.has(before)).toBe(false)
    expect(shares.of(override, 2).judged.inForce.has(idOf(judged))).toBe(true)
  })

  it('of another limit on the same window are one budget to the store: the next begins with what the last has used', () => {
    const shares = new Shares('here')
    const both = [compiled({ limit: '60/min' }), compiled({ limit: '30/min' })]
    const [base, override] = both.map((rule) => budgetOf('api', [rule], { inForce: both })) as [
      Budget,
      Budget,
    ]
    const [one, two] = [shares.of(base, 1).judged, shares.of(override, 1).judged]
    expect(idOf(one)).not.toBe(idOf(two))
    expect([...two.inForce]).toEqual([idOf(two)])
    expect([...shares.of(base, 1).judged.inForce]).toEqual([idOf(one)])
  })

  it('of rates that come with calls stay rates of calls, and make no share anew', () => {
    const shares = new Shares('here')
    const budget = budgetOf('api', [bucket('60/min')])
    const first = shares.of(budget, 1)
    const origin = { byCall: true, stateName: '~' }
    const called = budgetOf('api', [compileRule('7/s', 'rule', origin)], { inForce: budget.rules })
    expect(shares.of(called, 1).judged.rules[0]).toMatchObject({ byCall: true, identity: { name: '~' } })
    expect(shares.of(budget, 1)).toBe(first)
  })
})
