import { describe, expect, it } from 'vitest'
import type { SlidingTerms } from '../core/algorithms/sliding-window.ts'
import type { Rate } from '../core/rate.ts'
import type { Rule, RuleOptions } from '../core/rule.ts'
import { CALL_RATES } from '../core/state-identity.ts'
import { compileCallRates } from './call-rates.ts'
import { compileRules } from './compile-rules.ts'

const compile = (rates: readonly Rate[], ...rules: (RuleOptions | string)[]): Rule[] =>
  compileCallRates(rates, compileRules(rules, 'rules', new Map()).ruleOptions, new Map())

const one = (rate: Rate, rule: RuleOptions | string): Rule => compile([rate], rule)[0] as Rule

describe('one rate for one rule', () => {
  it.each<[RuleOptions | string, Rate, string, string]>([
    ['100/min', '5/min', '1m', 'sliding-window'],
    [{ name: 'api', algorithm: 'token-bucket', limit: '10/s' }, '3/h', 'api', 'bucket'],
    [{ name: 'api', limit: '10/s', burst: 20 }, '5/s', 'api', 'bucket'],
    [{ name: 'quota', algorithm: 'fixed-window', limit: '10/day' }, '7/15m', 'quota', 'first-hit'],
    [{ algorithm: 'fixed-window', align: 'epoch', limit: '10/day' }, '7/day', '1d', 'epoch'],
    [{ algorithm: 'sliding-log', limit: '10/min' }, '7/min', '1m', 'sliding-window'],
  ])('of %j at %j keeps name and algorithm', (rule, rate, name, kind) => {
    const rated = one(rate, rule)
    expect([rated.name, rated.algorithm.kind, rated.identity.name]).toEqual([name, kind, name])
    expect(rated.byCall).toBe(true)
  })

  it.each([
    ['5/s', 10],
    ['100/s', 200],
    ['3/s', 6],
    ['1/min', 2],
    ['1/s', 2],
  ])('keeps the ratio of a burst at %s', (rate, burst) => {
    expect(one(rate, { limit: '10/s', burst: 20 }).capacity).toBe(burst)
  })

  it('rounds a burst down, to one unit at least', () => {
    expect(one('5/s', { limit: '10/s', burst: 3 }).capacity).toBe(1)
    expect(one('1/s', { limit: '10/s', burst: 3 }).capacity).toBe(1)
    expect(one('9/s', { limit: '10/s', burst: 3 }).capacity).toBe(2)
    const exact = Number((2n ** 40n * 999_999_999n) / 1_000_000_000n)
    expect(one('999999999/s', { limit: '1000000000/s', burst: 2 ** 40 }).capacity).toBe(exact)
  })

  it('keeps the burst of a rule that denied everything', () => {
    expect(one('5/s', { limit: '0/s', burst: 3 }).capacity).toBe(3)
  })

  it('keeps segments and the zone of a calendar', () => {
    expect((one('5000/min', { limit: '100/min', segments: 30 }).terms as SlidingTerms).segments).toBe(30)
    const rule = {
      algorithm: 'fixed-window',
      limit: '10/day',
      align: 'calendar',
      timezone: 'Asia/Tokyo',
    } as const
    expect(one('3/day', rule).identity.text).toBe('1d calendar day Asia/Tokyo')
  })

  it('reads the state of the configured rule where the window is the same', () => {
    const rules = compileRules(['100/min'], 'rules', new Map()).rules
    expect(one('5/min', '100/min').identity).toEqual(rules[0]?.identity)
    expect(one('5/h', '100/min').identity.text).toBe('1m sliding-window 3600000000')
  })

  it('is refused where the rule cannot be at it', () => {
    const rule = { algorithm: 'fixed-window', limit: '10/day', align: 'calendar' } as const
    expect(() => one('3/5m', rule)).toThrow(
      expect.objectContaining({ code: 'invalid-rule', path: 'options.limit' }),
    )
  })
})

describe('several rates', () => {
  const rules = [
    { name: 'fast', limit: '10/s', burst: 20 },
    { name: 'slow', algorithm: 'fixed-window', limit: '100/h' },
  ]

  it('pair with the rules of the same windows, in any order', () => {
    const rated = compile(['50/h', '5/s'], ...rules)
    expect(rated.map(({ name, capacity }) => [name, capacity])).toEqual([
      ['slow', 50],
      ['fast', 10],
    ])
    expect(rated.map(({ algorithm }) => algorithm.kind)).toEqual(['first-hit', 'bucket'])
  })

  it('are unnamed rules where none has their window', () => {
    const [slow, unnamed] = compile(['50/h', '5/min'], ...rules)
    expect(slow?.name).toBe('slow')
    expect([unnamed?.name, unnamed?.identity.name, unnamed?.algorithm.kind]).toEqual([
      '1m',
      CALL_RATES,
      'sliding-window',
    ])
    expect(unnamed?.byCall).toBe(true)
  })

  it('pair each rule once', () => {
    const rated = compile(
      ['50/h', '5/min'],
      { name: 'a', limit: '1/h' },
      { name: 'b', algorithm: 'fixed-window', limit: '2/h' },
    )
    expect(rated.map(({ name }) => name)).toEqual(['a', '1m'])
  })

  it('may be named like a rule that has another window', () => {
    expect(compile(['5/s', '9/min'], { name: '1m', limit: '1/s' }).map(({ name }) => name)).toEqual([
      '1m',
      '1m',
    ])
  })

  it('are refused where two have one window, or six have none', () => {
    const path = 'options.limit[0]'
    const two = [
      { name: 'a', limit: '1/s' },
      { name: 'b', algorithm: 'fixed-window', limit: '2/s' },
    ]
    expect(compile(['5/s', '6/s'], ...two).map(({ name }) => name)).toEqual(['a', 'b'])
    expect(() => compile(['5/s', '6/s'], '1/s')).toThrow(
      expect.objectContaining({ path: 'options.limit[1]' }),
    )
    expect(() => compile(['5/min', '6/min'], '1/s')).toThrow(
      expect.objectContaining({ code: 'invalid-options', path }),
    )
    const six = Array.from({ length: 6 }, (_, i) => `1/${i + 2}s`)
    expect(compile(six.slice(1), '1/s')).toHaveLength(5)
    expect(() => compile(six, '1/s')).toThrow(
      expect.objectContaining({ code: 'invalid-options', path: 'options.limit' }),
    )
    expect(() => compile([], '1/s')).toThrow(expect.objectContaining({ code: 'invalid-options' }))
  })
})

describe('one rate for several rules', () => {
  it('pairs by its window, else it is unnamed', () => {
    expect(
      compile(['5/h'], { name: 'a', limit: '1/s' }, { name: 'b', limit: '2/h' }).map(({ name }) => name),
    ).toEqual(['b'])
    expect(compile(['5/day'], '1/s', '2/h').map(({ identity }) => identity.name)).toEqual([CALL_RATES])
  })
})
