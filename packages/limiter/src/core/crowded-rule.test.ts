import { describe, expect, it } from 'vitest'
import { crowdedRule } from './crowded-rule.ts'
import { compileRule, type Rule } from './rule.ts'
import { WINDOWS_MAX } from './state-identity.ts'

function rulesOf(name: string, count: number): Rule[] {
  return Array.from({ length: count }, (_, i) => compileRule({ name, limit: `5/${i + 1}m` }, 'rule'))
}

describe('crowdedRule', () => {
  it('names a rule of more windows than a key holds, and their number', () => {
    const rules = [...rulesOf('few', 2), ...rulesOf('many', WINDOWS_MAX + 1)]
    expect(crowdedRule(rules)).toEqual({ name: 'many', windows: WINDOWS_MAX + 1 })
  })

  it('takes as many windows as a key holds, however many rules share them', () => {
    expect(crowdedRule([...rulesOf('r', WINDOWS_MAX), ...rulesOf('r', WINDOWS_MAX)])).toBeUndefined()
  })

  it('does not count a rule that denies, which has no state', () => {
    const denying = compileRule({ name: 'r', limit: '0/1h' }, 'rule')
    expect(crowdedRule([...rulesOf('r', WINDOWS_MAX), denying])).toBeUndefined()
  })
})
