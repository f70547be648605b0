import { describe, expect, it } from 'vitest'
import { budgetOf } from './budget.ts'
import { compileRule } from './rule.ts'

const perSecond = compileRule({ limit: '10/s', burst: 20 }, 'rules[0]')
const perDay = compileRule({ name: 'daily', limit: '100/day', algorithm: 'fixed-window' }, 'rules[1]')
const none = compileRule('0/min', 'rules[2]')

describe('budgetOf', () => {
  it('holds its rules in their order, all of them in force', () => {
    expect(budgetOf('api', [perSecond, perDay])).toEqual({
      policy: 'api',
      rules: [perSecond, perDay],
      denyingRule: null,
      inForce: new Set([perSecond.identity.id, perDay.identity.id]),
    })
  })

  it('knows what else is in force in its configuration', () => {
    const { rules, inForce } = budgetOf('api', [perDay], [perSecond, perDay])
    expect(rules).toEqual([perDay])
    expect(inForce).toEqual(new Set([perSecond.identity.id, perDay.identity.id]))
  })

  it('sets a rule with a limit of 0 apart, which no store is asked about', () => {
    const { rules, denyingRule } = budgetOf('api', [none, perDay, compileRule('0/h', 'rules[3]')])
    expect(rules).toEqual([perDay])
    expect(denyingRule).toBe(none)
  })
})
