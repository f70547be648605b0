import { describe, expect, it } from 'vitest'
import { budgetOf, planOf } from './budget.ts'
import { compileRule } from './rule.ts'

const perSecond = compileRule({ limit: '10/s', burst: 20 }, 'rules[0]')
const perDay = compileRule({ name: 'daily', limit: '100/day', algorithm: 'fixed-window' }, 'rules[1]')
const none = compileRule('0/min', 'rules[2]')

describe('budgetOf', () => {
  it('writes its rules as the store keeps them, in their order', () => {
    expect(budgetOf('api', [perSecond, perDay])).toEqual({
      policy: 'api',
      rules: [perSecond, perDay],
      closed: null,
      plan: `H1\n${perSecond.line}\n${perDay.line}\n\n`,
    })
  })

  it('sets a rule with a limit of 0 apart, which no store is asked about', () => {
    const { rules, closed, plan } = budgetOf('api', [none, perDay, compileRule('0/h', 'rules[3]')])
    expect(rules).toEqual([perDay])
    expect(closed).toBe(none)
    expect(plan).toBe(planOf([perDay]))
  })
})
