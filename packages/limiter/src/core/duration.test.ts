import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatDuration, formatSeconds, parseDuration, parseTimeout, parseWindow } from './duration.ts'

const DAY = 86_400_000

describe('parseDuration', () => {
  it.each([
    ['1ms', 1],
    ['500ms', 500],
    ['2 milliseconds', 2],
    ['1s', 1000],
    ['90sec', 90_000],
    ['3 seconds', 3000],
    ['10m', 600_000],
    ['10 m', 600_000],
    ['min', 60_000],
    ['2 minutes', 120_000],
    ['1h', 3_600_000],
    ['hour', 3_600_000],
    ['1d', DAY],
    ['day', DAY],
    ['2w', 14 * DAY],
    ['month', 30 * DAY],
    ['2 months', 60 * DAY],
    ['1y', 365 * DAY],
    ['100 years', 36_500 * DAY],
    [' 5s ', 5000],
    ['5S', 5000],
    ['007s', 7000],
    [250, 250],
  ])('reads %j as %i ms', (text, ms) => {
    expect(parseDuration(text, 'ttl')).toBe(ms)
  })

  it.each([
    '',
    ' ',
    '-1s',
    '+1s',
    '1.5s',
    '1e3s',
    '0x10s',
    '1  s',
    '1s 2s',
    '1s\n2s',
    '5',
    's5',
    '5 fortnights',
    '５m',
    '5ｍ',
    '1K',
    '1m;',
    '__proto__',
    'constructor',
  ])('refuses %j with the fix', (text) => {
    expect(() => parseDuration(text, 'ttl')).toThrow(
      expect.objectContaining({
        code: 'invalid-options',
        path: 'ttl',
        message: `ttl: ${JSON.stringify(text)} is not a duration from 1 ms to 100 years; write a whole number and a unit, such as 500ms, 1s, 10m, 1h, 1d`,
      }),
    )
  })

  it.each([
    ['0s', '"0s"'],
    ['99999999999d', '"99999999999d"'],
    ['101y', '"101y"'],
    ['999999999999999y', '"999999999999999y"'],
    [0, '0'],
    [-1, '-1'],
    [1.5, '1.5'],
    [Number.NaN, 'NaN'],
    [Number.POSITIVE_INFINITY, 'Infinity'],
    [2 ** 53, '9007199254740992'],
  ])('refuses %j, which is out of range', (value, shown) => {
    const fix = 'write a whole number and a unit, such as 500ms, 1s, 10m, 1h, 1d'
    expect(() => parseDuration(value, 'ttl')).toThrow(
      expect.objectContaining({
        code: 'invalid-options',
        message: `ttl: ${shown} is not a duration from 1 ms to 100 years; ${fix}`,
      }),
    )
  })

  it.each([null, undefined, {}, ['1s'], true, 5n, Symbol('s')])('refuses the value %s', (value) => {
    expect(() => parseDuration(value as never, 'ttl')).toThrow(
      expect.objectContaining({ code: 'invalid-options', path: 'ttl' }),
    )
  })

  it('reads a long text once, and not from each of its characters', () => {
    // For 500,000 times 500,000 steps the time of a test would not do.
    const text = `${' '.repeat(500_000)}${'1'.repeat(500_000)}`
    expect(() => parseDuration(text, 'ttl')).toThrow('is not a duration')
  })
})

describe('parseTimeout', () => {
  it.each([
    ['500ms', 500],
    ['2 minutes', 120_000],
    [12, 12],
    [12.7, 13],
    [0.001, 1],
    [0, 0],
    [-0.5, 0],
    [-5, 0],
    [Number.NEGATIVE_INFINITY, 0],
    [2 ** 60, 2 ** 60],
    [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY],
  ])('reads %j as %i ms', (value, ms) => {
    expect(parseTimeout(value, 'timeout')).toBe(ms)
  })

  it.each([
    [Number.NaN],
    [null],
    [undefined],
    [true],
    [5n],
    [{}],
    [['1s']],
    ['soon'],
    ['0s'],
    ['1.5s'],
    ['12'],
  ])('refuses %s', (value) => {
    const refusal = {
      code: 'invalid-options',
      path: 'timeout',
      message: expect.stringMatching(/is not a .*500ms/),
    }
    expect(() => parseTimeout(value as never, 'timeout')).toThrow(expect.objectContaining(refusal))
  })
})

describe('formatSeconds', () => {
  it.each([
    [54_000, '54 s'],
    [500, '0.5 s'],
    [1000 / 3, '0.333333333333 s'],
    [0.1 + 0.2, '0.0003 s'],
  ])('writes %d ms as %s', (ms, text) => {
    expect(formatSeconds(ms)).toBe(text)
  })
})

describe('parseWindow', () => {
  it.each([
    ['minute', 'minute'],
    ['1m', 'minute'],
    ['1 hour', 'hour'],
    ['day', 'day'],
    ['1w', 'week'],
    ['month', 'month'],
    ['1y', 'year'],
    ['1s', null],
    ['60s', null],
    ['24h', null],
    ['2d', null],
  ])('takes %s for the calendar unit %s', (text, calendar) => {
    expect(parseWindow(text, 'window').calendar).toBe(calendar)
  })

  it('takes no number of milliseconds for a calendar unit', () => {
    expect(parseWindow(DAY, 'window')).toEqual({ ms: DAY, calendar: null })
  })
})

describe('formatDuration', () => {
  it.each([
    [1, '1ms'],
    [1500, '1500ms'],
    [1000, '1s'],
    [90_000, '90s'],
    [60_000, '1m'],
    [5_400_000, '90m'],
    [DAY, '1d'],
    [7 * DAY, '1w'],
    [30 * DAY, '30d'],
  ])('writes %i ms as %s', (ms, text) => {
    expect(formatDuration(ms)).toBe(text)
  })

  it('writes what is read back as the same', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 36_500 * DAY }), (ms) => {
        expect(parseDuration(formatDuration(ms), 'ms')).toBe(ms)
      }),
    )
  })
})
