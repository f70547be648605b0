import { describe, expect, it } from 'vitest'
import type { PolicyOptions } from '../core/policy-options.ts'
import { compilePolicy } from './compile-policy.ts'
import { compileRules } from './compile-rules.ts'
import { PolicySet } from './policy-set.ts'

const compile = (options: unknown) =>
  compilePolicy(options as PolicyOptions, 'policies[0]', { custom: new Map() })
const base = { name: 'p', rules: ['10/min'] }

describe('compilePolicy', () => {
  it('takes what is left out as said in the reference', () => {
    expect(compile(base)).toMatchObject({ name: 'p', keyParts: ['key'], choose: null, overrides: [] })
    expect(compile({ ...base, key: 'global' }).keyParts).toEqual([])
    expect(compile({ ...base, mode: 'enforce' }).budget).toMatchObject({ policy: 'p', denyingRule: null })
  })

  it.each<[string, unknown, string, string, RegExp]>([
    ['null', null, 'invalid-options', '', /null is not an object of name, match/],
    ['an unknown field', { ...base, mach: {} }, 'invalid-options', '', /\(did you mean "match"\?\)/],
    ['no name', { rules: ['1/s'] }, 'invalid-options', '.name', /undefined is not a name/],
    ['a name of Lua', { ...base, name: "x']] os" }, 'invalid-options', '.name', /is not a name/],
    ['a name on two lines', { ...base, name: 'a\nb' }, 'invalid-options', '.name', /is not a name/],
    ['no rules', { name: 'p' }, 'invalid-options', '.rules', /undefined is not a list of 1 to 32 rules/],
    ['an empty list', { name: 'p', rules: [] }, 'invalid-options', '.rules', /not a list of 1 to 32 rules/],
    ['33 rules', { name: 'p', rules: Array(33).fill('1/s') }, 'invalid-options', '.rules', /1 to 32/],
    ['one rate', { name: 'p', rules: '10/s' }, 'invalid-options', '.rules', /"10\/s" is not a list/],
    ['a wrong rate', { name: 'p', rules: ['1/s', 'x'] }, 'invalid-rule', '.rules[1].limit', /not a rate/],
    [
      'one name twice',
      { name: 'p', rules: ['1/s', '2/s'] },
      'invalid-options',
      '.rules[1]',
      /named "1s"; give each/,
    ],
    ['an unknown mode', { ...base, mode: 'count' }, 'invalid-options', '.mode', /use enforce, shadow or off/],
    ['an empty key', { ...base, key: '' }, 'invalid-options', '.key', /name one attribute, a list/],
    ['no key', { ...base, key: [] }, 'invalid-options', '.key', /is not a key/],
    ['17 keys', { ...base, key: Array(17).fill('a') }, 'invalid-options', '.key', /up to 16/],
    ['a key of numbers', { ...base, key: [5] }, 'invalid-options', '.key', /is not a key/],
    ['a key of objects', { ...base, key: { user: 1 } }, 'invalid-options', '.key', /an object is not a key/],
    [
      'a partial star',
      { ...base, match: { path: '/a*' } },
      'invalid-options',
      '.match.path',
      /whole segment/,
    ],
    ['a choice of null', { ...base, choose: null }, 'invalid-options', '.choose', /not an object of group/],
    [
      'a choice without group',
      { ...base, choose: { priority: 1 } },
      'invalid-options',
      '.choose.group',
      /not a name/,
    ],
    [
      'half a priority',
      { ...base, choose: { group: 'g', priority: 0.5 } },
      'invalid-options',
      '.choose.priority',
      /0\.5 is not a whole number/,
    ],
    [
      'an override of no rule',
      { ...base, overrides: [{ match: {}, rules: { fats: {} } }] },
      'invalid-options',
      '.overrides[0].rules',
      /unknown rule "fats"/,
    ],
    [
      'an override without rules',
      { ...base, overrides: [{ match: {} }] },
      'invalid-options',
      '.overrides[0].rules',
      /undefined is not an object/,
    ],
    [
      'an override of a wrong limit',
      { ...base, overrides: [{ match: {}, rules: { '1m': { limit: 'x' } } }] },
      'invalid-rule',
      '.overrides[0].rules.1m.limit',
      /"x" is not a rate/,
    ],
    [
      'an override of an unknown field',
      { ...base, overrides: [{ match: {}, rules: { '1m': { limt: '1/m' } } }] },
      'invalid-options',
      '.overrides[0].rules.1m',
      /did you mean "limit"/,
    ],
  ])('refuses %s at its place', (_, options, code, path, message) => {
    expect(() => compile(options)).toThrow(
      expect.objectContaining({
        code,
        path: `policies[0]${path}`,
        message: expect.stringMatching(message),
      }),
    )
  })

  it.each([[0], [5], [null], [''], [true], [Number.NaN], [[]], [['5/s']], [() => {}]])(
    'refuses an override that puts %s in the place of a rule',
    (changes) => {
      const overrides = [{ match: {}, rules: { '1m': changes } }]
      expect(() => compile({ ...base, overrides })).toThrow(
        expect.objectContaining({
          code: 'invalid-options',
          path: 'policies[0].overrides[0].rules.1m',
          message: expect.stringContaining('is not an object of changes to a rule; write { limit: '),
        }),
      )
    },
  )

  it('says how to write a rate that stands where an override has changes', () => {
    expect(() => compile({ ...base, overrides: [{ match: {}, rules: { '1m': '5000/day' } }] })).toThrow(
      'rules.1m: "5000/day" is not an object of changes to a rule; write { limit: "5000/day" }',
    )
    expect(() =>
      compile({ ...base, overrides: [{ match: {}, rules: { '1m': { limit: 9, window: '1m' } } }] }),
    ).toThrow('write limit: { limit: 9, window: "1m" } or "9/1m"')
  })

  it('gives no rule another name by an override', () => {
    expect(() => compile({ ...base, overrides: [{ match: {}, rules: { '1m': { name: 'x' } } }] })).toThrow(
      'policies[0].overrides[0].rules.1m: unknown field "name"',
    )
  })

  // Fails until compilePolicy checks that overrides are a list.
  it.each([[{}], ['all'], [5], [true]])('refuses the overrides %j', (overrides) => {
    expect(() => compile({ ...base, overrides })).toThrow(
      expect.objectContaining({ code: 'invalid-options', path: 'policies[0].overrides' }),
    )
  })

  // Fails until null is not taken for what was left out.
  it.each([['key'], ['overrides']])('refuses null for %s', (field) => {
    expect(() => compile({ ...base, [field]: null })).toThrow(
      expect.objectContaining({ code: 'invalid-options', path: `policies[0].${field}` }),
    )
  })

  it('lets names of objects be names of rules', () => {
    const rules = [{ name: 'constructor', limit: '1/s' }]
    const overrides = [{ match: {}, rules: { constructor: { limit: '2/s' } } }]
    expect(
      compile({ name: 'p', rules, overrides: [{ match: {}, rules: {} }] }).overrides[0]?.budget.rules[0]
        ?.limit,
    ).toBe(1)
    expect(compile({ name: 'p', rules, overrides }).overrides[0]?.budget.rules[0]?.limit).toBe(2)
  })
})

describe('compileRules', () => {
  it('compiles up to 32 rules in their order', () => {
    const rates = Array.from({ length: 32 }, (_, i) => ({ name: `r${i}`, limit: '1/s' }))
    expect(compileRules(rates, 'rules', new Map()).rules.map(({ name }) => name)).toEqual(
      rates.map(({ name }) => name),
    )
  })
})

describe('PolicySet', () => {
  it('refuses two policies of one name, and what is no list', () => {
    expect(() => new PolicySet({ policies: [base, { ...base }] }, { custom: new Map() })).toThrow(
      expect.objectContaining({ code: 'invalid-options', path: 'policies[1].name' }),
    )
    for (const wrong of [null, {}, 'all', undefined]) {
      expect(() => new PolicySet({ policies: wrong as never }, { custom: new Map() })).toThrow(
        expect.objectContaining({ code: 'invalid-options', path: 'policies' }),
      )
    }
  })
})
