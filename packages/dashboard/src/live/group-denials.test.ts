import { describe, expect, it } from 'vitest'
import type { Denial } from './admin-answers.ts'
import { deniedBudget, groupDenials } from './group-denials.ts'

const denial = (id: string, key: string, rule = '1m'): Denial =>
  ({
    id,
    policy: 'api',
    rule,
    reason: 'limited',
    keys: [
      { policy: 'all', key: '~g' },
      { policy: 'api', key },
    ],
  }) as unknown as Denial

describe('denials of one key by one rule', () => {
  it('are one, with the newest of them and their number', () => {
    const groups = groupDenials([
      denial('5', 'bob'),
      denial('4', 'alice'),
      denial('3', 'bob', '1h'),
      denial('2', 'bob'),
      denial('1', 'bob'),
    ])
    expect(groups.map((group) => [group.denial.id, group.budget?.key, group.count])).toEqual([
      ['5', 'bob', 3],
      ['4', 'alice', 1],
      ['3', 'bob', 1],
    ])
  })

  it('are about the key of the policy that denied, else of any, or of nobody', () => {
    const one = denial('1', 'alice')
    expect(deniedBudget(one)).toEqual({ policy: 'api', key: 'alice' })
    expect(deniedBudget({ ...one, policy: 'other' })).toEqual({ policy: 'all', key: '~g' })
    expect(deniedBudget({ ...one, keys: [] })).toBeNull()
  })
})
