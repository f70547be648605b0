import { describe, expect, it } from 'vitest'
import { checkCost, checkFields, suggest } from './validate.ts'

describe('checkFields', () => {
  it('accepts an object of known fields, or of none', () => {
    expect(() => checkFields({ limit: 1 }, ['limit', 'burst'], 'options')).not.toThrow()
    expect(() => checkFields(Object.create(null), ['limit'], 'options')).not.toThrow()
  })

  it.each([
    ['limt', 'options: unknown field "limt" (did you mean "limit"?)'],
    ['Limit', 'options: unknown field "Limit" (did you mean "limit"?)'],
    ['brust', 'options: unknown field "brust" (did you mean "burst"?)'],
    ['window', 'options: unknown field "window"; known are limit, burst'],
    ['toString', 'options: unknown field "toString"; known are limit, burst'],
    ['constructor', 'options: unknown field "constructor"; known are limit, burst'],
  ])('refuses the field %s', (field, message) => {
    expect(() => checkFields({ [field]: 1 }, ['limit', 'burst'], 'options')).toThrow(
      expect.objectContaining({ code: 'invalid-options', path: 'options', message }),
    )
  })

  it('refuses an own field named __proto__, as JSON makes it', () => {
    expect(() => checkFields(JSON.parse('{"__proto__":{}}'), ['limit'], 'options')).toThrow('"__proto__"')
  })

  it.each([[null], [undefined], ['text'], [5], [[]], [() => {}]])(
    'refuses %s, which is no object',
    (value) => {
      expect(() => checkFields(value, ['limit', 'burst'], 'options')).toThrow(
        expect.objectContaining({
          code: 'invalid-options',
          message: expect.stringContaining('is not an object of limit, burst'),
        }),
      )
    },
  )
})

describe('suggest', () => {
  it.each([
    ['limit', 'limit'],
    ['limits', 'limit'],
    ['lmt', 'limit'],
    ['LIMIT', 'limit'],
    ['polcy', 'policy'],
  ])('takes %s for %s', (name, near) => {
    expect(suggest(name, ['policy', 'limit'])).toBe(` (did you mean "${near}"?)`)
  })

  it('lists what is known when nothing is near', () => {
    expect(suggest('somewhere', ['policy', 'limit'])).toBe('; known are policy, limit')
    expect(suggest('x', [])).toBe('; known are ')
  })

  it.each([[undefined], [null], [5], [{}], [Symbol('limit')]])('lists what is known for %s', (name) => {
    expect(suggest(name, ['policy', 'limit'])).toBe('; known are policy, limit')
  })

  it('compares long names by their first 64 characters', () => {
    const long = 'a'.repeat(64)
    expect(suggest(`${long}${'b'.repeat(100_000)}`, [long])).toContain('did you mean')
  })
})

describe('checkCost', () => {
  it.each([0, 1, 5, Number.MAX_SAFE_INTEGER])('returns %i', (cost) => {
    expect(checkCost(cost)).toBe(cost)
  })

  it.each([
    [-1, '-1'],
    [1.5, '1.5'],
    [Number.NaN, 'NaN'],
    [Number.POSITIVE_INFINITY, 'Infinity'],
    [2 ** 53, '9007199254740992'],
    [1e21, '1e+21'],
    ['5', '"5"'],
    [5n, '5n'],
    [null, 'null'],
    [[1], 'an array'],
  ])('refuses %s', (cost, shown) => {
    expect(() => checkCost(cost)).toThrow(
      expect.objectContaining({
        code: 'invalid-cost',
        path: '',
        message: `${shown} is not a cost; pass a whole number from 0 to 2^53 - 1`,
      }),
    )
  })
})
