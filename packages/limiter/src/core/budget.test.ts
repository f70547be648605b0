import { describe, expect, it } from 'vitest'
import { budgetOf, neededUnits } from './budget.ts'
import { compileRule } from './rule.ts'

const perSecond = compileRule({ limit: '10/s', burst: 20 }, 'rules[0]')
const perDay = compileRule({ name: 'daily', limit: '100/day', algorithm: 'fixed-window' }, 'rules[1]')
const none = compileRule('0/min', 'rules[2]')

describe('budgetOf', () => {
  it('holds its rules in their order, all of them in force', () => {
    expect(budgetOf('api', [perSecond, perDay])).toEqual({
      policy: 'api',
      rules: [perSecond, perDay],
      enforces: true,
      overdraw: false,
      hasShadow: false,
      denyingRule: null,
      denyingShadows: [],
      inForce: new Set([perSecond.identity.id, perDay.identity.id]),
    })
  })

  it('knows what else is in force in its configuration', () => {
    const { rules, inForce } = budgetOf('api', [perDay], { inForce: [perSecond, perDay] })
    expect(rules).toEqual([perDay])
    expect(inForce).toEqual(new Set([perSecond.identity.id, perDay.identity.id]))
  })

  it('sets a rule with a limit of 0 apart, which no store is asked about', () => {
    const { rules, denyingRule } = budgetOf('api', [none, perDay, compileRule('0/h', 'rules[3]')])
    expect(rules).toEqual([perDay])
    expect(denyingRule).toBe(none)
  })

  it('has nothing to spend where it is in shadow and one of its rules admits nothing', () => {
    const shadow = { ...compileRule({ name: 'other', limit: '9/min' }, 'rule'), shadow: true }
    const { rules, denyingRule, denyingShadows } = budgetOf('api', [none, perDay, shadow], {
      enforces: false,
    })
    expect(rules).toEqual([shadow])
    expect(denyingRule).toBeNull()
    expect(denyingShadows).toEqual([none])
  })

  it('takes a rule in shadow with a limit of 0 for one that denies only there', () => {
    const shadow = { ...none, shadow: true }
    const budget = budgetOf('api', [perDay, shadow])
    expect(budget).toMatchObject({
      rules: [perDay],
      hasShadow: true,
      denyingRule: null,
      denyingShadows: [shadow],
    })
  })
})

describe('neededUnits', () => {
  it('is one unit with overdraw, else the cost', () => {
    const overdrawn = budgetOf('api', [perDay], { overdraw: true })
    expect([0, 1, 500].map((cost) => neededUnits(overdrawn, cost))).toEqual([0, 1, 1])
    expect([0, 1, 500].map((cost) => neededUnits(budgetOf('api', [perDay]), cost))).toEqual([0, 1, 500])
  })
})
