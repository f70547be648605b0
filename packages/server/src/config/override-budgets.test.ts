import type { OverrideOptions, PolicyOptions } from 'headgate'
import { describe, expect, it } from 'vitest'
import { overrideBudgets, windowWarnings } from './override-budgets.ts'

type Changes = OverrideOptions['rules']

function policy(rules: PolicyOptions['rules'], ...overrides: readonly Changes[]): PolicyOptions {
  return {
    name: 'a',
    key: 'user',
    rules,
    overrides: overrides.map((changes) => ({ match: {}, rules: changes })),
  }
}

describe('overrideBudgets', () => {
  it('says which overrides share the budget of a window, and which have one of their own', () => {
    const base = { name: 'r', limit: '5/15m' }
    const changes = ['9/15m', '10/s', '20/s', '0/s'].map((limit) => ({ r: { limit } }))
    expect(overrideBudgets([policy([base], ...changes)])).toEqual([
      'a/r, overrides[0]: at most 9 in any 900 s; the same budget',
      'a/r, overrides[1]: at most 10 in any 1 s; a budget of its own, since its window or rate is another',
      'a/r, overrides[2]: at most 20 in any 0.9 s, and up to 39 in 1 s; the budget of overrides[1]',
      'a/r, overrides[3]: denies everything',
    ])
  })

  it('tells rates of buckets apart, and not their bursts', () => {
    const base = { name: 'b', limit: '10/s', burst: 20 }
    const changes: Changes[] = [
      { b: { burst: 50 } },
      { b: { limit: '600/min' } },
      { b: { limit: '9000/15m', burst: 5 } },
    ]
    const budgets = overrideBudgets([policy([base], ...changes, { b: { limit: '20/s' } })])
    expect(budgets.map((line) => line.replace(/: .*;/, ':'))).toEqual([
      'a/b, overrides[0]: the same budget',
      'a/b, overrides[1]: the same budget',
      'a/b, overrides[2]: the same budget',
      'a/b, overrides[3]: a budget of its own, since its window or rate is another',
    ])
  })

  it('says it of each rule that is changed', () => {
    const rules = ['5/s', { name: 'daily', limit: '100/day', algorithm: 'fixed-window' }]
    expect(
      overrideBudgets([policy(rules, { daily: { limit: '200/day' } }, { '1s': { limit: '6/s' } })]),
    ).toEqual([
      'a/1s, overrides[1]: at most 6 in any 1 s; the same budget',
      'a/daily, overrides[0]: at most 200 per window of 86400 s, so at most 400 around an edge; the same budget',
    ])
    expect(overrideBudgets([policy(rules)])).toEqual([])
  })

  it('counts what leases add', () => {
    const leased = { ...policy(['5/s'], { '1s': { limit: '6/s' } }), lease: { max: 2 } }
    expect(overrideBudgets([leased])).toEqual([
      'a/1s, overrides[0]: at most 6 in any 0.8 s, with leases of 0.2 s; the same budget',
    ])
  })
})

describe('windowWarnings', () => {
  const windows = (count: number): Changes[] =>
    Array.from({ length: count }, (_, i) => ({ r: { limit: `5/${i + 2}s` } }))
  const base = { name: 'r', limit: '5/s' }

  it('names a policy of which a key may hold more than five windows of a rule', () => {
    const other = { ...policy(['1/s']), name: 'other' }
    expect(windowWarnings([other, policy([base], ...windows(5), { r: { limit: '0/s' } })])).toEqual([
      'policies[1].overrides: rule r of policy a has 6 windows or rates; a key holds at most 5 of one rule, so that what was spent longest ago is forgotten; use fewer',
    ])
  })

  it('counts a window once, and says nothing of five', () => {
    expect(windowWarnings([policy([base], ...windows(4), ...windows(4), { r: { limit: '0/s' } })])).toEqual(
      [],
    )
  })
})
