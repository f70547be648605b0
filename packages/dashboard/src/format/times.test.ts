import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { clockText, spanText, timeText, tookText } from './times.ts'

const NOON = new Date(2026, 4, 6, 12, 3, 4).getTime()

describe('a length of time in words', () => {
  it.each([
    [0, '0 ms'],
    [0.2, '1 ms'],
    [850, '850 ms'],
    [999.5, '1 s'],
    [1001, '2 s'],
    [60_000, '1 min'],
    [250_000, '4 min 10 s'],
    [7_500_000, '2 h 5 min'],
    [3 * 86_400_000 + 4 * 3_600_000, '3 d 4 h'],
  ])('says %d ms as %s', (ms, text) => {
    expect(spanText(ms)).toBe(text)
  })

  it('has two units at most, whatever it is', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1e14, noNaN: true }), (ms) =>
        /^\d+ \w+( \d+ \w+)?$/.test(spanText(ms)),
      ),
    )
  })

  it('says how long calls took with as many digits as matter', () => {
    expect([0.0123, 0.283, 9.215, 1234.5].map(tookText)).toEqual([
      '0.012 ms',
      '0.28 ms',
      '9.21 ms',
      '1230 ms',
    ])
  })
})

describe('a time in words', () => {
  it('is that of the clock, and has the day where that is another one', () => {
    expect(clockText(NOON)).toBe('12:03:04')
    expect(timeText(NOON, NOON + 1000)).toBe('12:03:04')
    expect(timeText(NOON, NOON + 3 * 86_400_000)).toBe('2026-05-06 12:03:04')
  })
})
