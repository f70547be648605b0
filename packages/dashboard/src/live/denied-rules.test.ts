import { describe, expect, it } from 'vitest'
import type { PolicyOutcomes } from './admin-answers.ts'
import { busiestRules, followRules, hasMinute, RULE_SECONDS, type RuleTable } from './denied-rules.ts'

const policy = (name: string, rules: readonly [string, number, number][]): PolicyOutcomes => ({
  policy: name,
  allowed: 0,
  denied: 0,
  shadowDenied: 0,
  rules: rules.map(([rule, denied, shadowDenied]) => ({ rule, denied, shadowDenied })),
})

const MANY = { denied: 100, shadowDenied: 100 }

function follow(...snapshots: readonly (readonly PolicyOutcomes[])[]): RuleTable {
  return snapshots.reduce<RuleTable>(
    (table, policies, i) => followRules(table, { policies }, i === 0 ? null : MANY),
    new Map(),
  )
}

describe('denials by rule', () => {
  const BEFORE = [policy('a', [['1m', 1000, 0]]), policy('b', [['1s', 0, 5]])]
  const AFTER = [
    policy('a', [
      ['1m', 1002, 0],
      ['1h', 3, 0],
    ]),
    policy('b', [['1s', 0, 9]]),
  ]
  const order = (table: RuleTable) =>
    busiestRules(table).map((one) => [one.rule, one.recentDenied, one.recentShadow, one.denied])

  it('are counted from one snapshot to the next, the busiest of the last minute first', () => {
    const minute = Array.from({ length: RULE_SECONDS - 1 }, () => BEFORE)
    expect(order(follow(BEFORE, ...minute, AFTER))).toEqual([
      ['1h', 3, 0, 3],
      ['1m', 2, 0, 1002],
      ['1s', 0, 4, 0],
    ])
  })

  it('are ordered by those since the start until a minute was seen', () => {
    const table = follow(BEFORE, AFTER)
    expect(hasMinute(table.values())).toBe(false)
    expect(order(table).map(([rule]) => rule)).toEqual(['1m', '1h', '1s'])
  })

  it('fade when a rule is told of no more, and after a minute', () => {
    const busy = [policy('a', [['1m', 5, 0]])]
    const table = follow([], busy, [])
    expect(busiestRules(table)[0]).toMatchObject({ recentDenied: 5, perSecond: [5, 0] })
    const later = follow([], busy, ...Array.from({ length: RULE_SECONDS }, () => busy))
    expect(busiestRules(later)[0]).toMatchObject({ recentDenied: 0, denied: 5 })
  })

  it('are those of the policy where its rules are not told', () => {
    const table = follow([], [{ policy: null, allowed: 1, denied: 2, shadowDenied: 0 }])
    expect(busiestRules(table)).toMatchObject([{ policy: null, rule: null, recentDenied: 2 }])
  })

  it('are those of the policy too that none of the rules told of made', () => {
    const told = { ...policy('a', [['1m', 5, 0]]), denied: 12 }
    expect(busiestRules(follow([], [told]))).toMatchObject([
      { policy: 'a', rule: null, recentDenied: 7, denied: 7 },
      { policy: 'a', rule: '1m', recentDenied: 5, denied: 5 },
    ])
  })

  it('are no more than all together denied, where a rule is told of late', () => {
    const table = followRules(
      follow([]),
      { policies: [policy('a', [['1m', 9000, 8000]])] },
      { denied: 2, shadowDenied: 1 },
    )
    expect(busiestRules(table)).toMatchObject([{ denied: 9000, recentDenied: 2, recentShadow: 1 }])
  })

  it('are followed for a bounded number of rules', () => {
    const many = Array.from({ length: 500 }, (_, i) => policy(`p${i}`, [['1m', 1, 0]]))
    expect(follow([], many).size).toBe(200)
  })
})
