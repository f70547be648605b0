import { describe, expect, it } from 'vitest'
import { parseRate, type Rate } from './rate.ts'

describe('parseRate', () => {
  it.each<[Rate, number, number]>([
    ['100/min', 100, 60_000],
    ['5/15m', 5, 900_000],
    ['10/s', 10, 1000],
    ['10000/day', 10_000, 86_400_000],
    ['1 / 1 h', 1, 3_600_000],
    [' 7/100ms ', 7, 100],
    ['0/min', 0, 60_000],
    ['1000/month', 1000, 2_592_000_000],
    ['9007199254740991/s', Number.MAX_SAFE_INTEGER, 1000],
    [{ limit: 100, window: '1m' }, 100, 60_000],
    [{ limit: 3, window: 250 }, 3, 250],
  ])('reads %j as %i per %i ms', (rate, limit, ms) => {
    expect(parseRate(rate, 'limit')).toMatchObject({ limit, window: { ms } })
  })

  it.each([
    '',
    '100',
    '100/',
    '/min',
    '-1/s',
    '+1/s',
    '1.5/s',
    '1e3/s',
    '0x10/s',
    '１００/min',
    '12345678901234567/s',
    '1,000/s',
    'x/min',
    '100 per minute',
    '100\\min',
  ])('refuses %j with the fix', (rate) => {
    const hint = 'write a whole number per window, such as 100/min, 5/15m or { limit: 100, window: "1m" }'
    expect(() => parseRate(rate, 'rules[0].limit')).toThrow(
      expect.objectContaining({
        code: 'invalid-rule',
        path: 'rules[0].limit',
        message: `rules[0].limit: ${JSON.stringify(rate)} is not a rate; ${hint}`,
      }),
    )
  })

  it.each([[100], [null], [undefined], [['100/min']], [true], [5n]])('refuses the value %s', (value) => {
    expect(() => parseRate(value as never, 'limit')).toThrow(
      expect.objectContaining({ code: 'invalid-rule', path: 'limit' }),
    )
  })

  it.each(['100/fortnight', '100/-1s', '100/1e3s', '100/99999999999d', '100/５m', '1/0s', '1/min/s'])(
    'refuses the window of %j at the path of the rate',
    (rate) => {
      expect(() => parseRate(rate, 'limit')).toThrow(
        expect.objectContaining({ code: 'invalid-options', path: 'limit' }),
      )
    },
  )

  it.each([-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, '5', null, undefined, 5n])(
    'refuses the limit %s of an object',
    (limit) => {
      const rate = { limit, window: '1m' } as never
      expect(() => parseRate(rate, 'rate')).toThrow(
        expect.objectContaining({
          code: 'invalid-rule',
          path: 'rate.limit',
          message: expect.stringContaining(
            'a limit is a whole number from 0 (deny all) to 2^51, or the most',
          ),
        }),
      )
    },
  )

  it.each([['burst'], ['windw'], ['name'], ['algorithm']])('refuses the field %s of an object', (field) => {
    expect(() => parseRate({ limit: 5, window: '1s', [field]: 10 }, 'rate')).toThrow(
      expect.objectContaining({
        code: 'invalid-options',
        path: 'rate',
        message: expect.stringContaining(`unknown field "${field}"`),
      }),
    )
  })

  it('names the window of an object by its own path', () => {
    expect(() => parseRate({ limit: 1, window: 'soon' }, 'rate')).toThrow(
      expect.objectContaining({ code: 'invalid-options', path: 'rate.window' }),
    )
  })

  it('refuses a digit string that is no safe integer', () => {
    expect(() => parseRate('9007199254740993/s', 'limit')).toThrow('9007199254740992 is not a limit')
  })
})
