import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ANY_CHARACTER } from '../../../../limiter/test/any-character.ts'
import { durationText } from './duration-text.ts'
import { jsonText, printable } from './printable.ts'
import { rateText } from './rate-text.ts'
import { tableText } from './table-text.ts'

describe('durationText', () => {
  it.each([
    [0, '0ms'],
    [450.2, '451ms'],
    [1000, '1s'],
    [36_001, '37s'],
    [59_999, '1m'],
    [60_000, '1m'],
    [61_000, '1m 1s'],
    [3_599_001, '1h'],
    [7_500_000, '2h 5m'],
    [86_400_000, '1d'],
    [90_000_000, '1d 1h'],
  ])('says %d ms as %s', (ms, text) => {
    expect(durationText(ms)).toBe(text)
  })
})

describe('rateText', () => {
  it('is as one writes it', () => {
    expect(
      [60_000, 900_000, 86_400_000, 5_400_000].map((windowMs) => rateText({ limit: 5, windowMs })),
    ).toEqual(['5/min', '5/15m', '5/day', '5/1h30m'])
  })
})

describe('what is printed', () => {
  const nasty = fc.string({ unit: ANY_CHARACTER })

  it('has nothing that a terminal obeys', () => {
    expect(printable('a\x1b[2J\u009b\u202e\u{e0001}b')).toBe('a\\u001b[2J\\u009b\\u202e\\udb40\\udc01b')
    fc.assert(
      fc.property(nasty, (text) => {
        expect(printable(text)).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u)
        expect(tableText(['A'], [[text]]).join('')).not.toMatch(/[\p{Cc}\p{Cf}]/u)
      }),
    )
  })

  it('is the same JSON to programs', () => {
    fc.assert(
      fc.property(fc.dictionary(nasty, nasty), (value) => {
        expect(jsonText(value, 2).replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u)
        expect(JSON.parse(jsonText(value))).toEqual(JSON.parse(JSON.stringify(value)))
      }),
    )
  })
})

describe('tableText', () => {
  it('has columns as wide as their widest cell, and numbers at the right', () => {
    expect(
      tableText(
        ['NAME', 'LEFT'],
        [
          ['a', 1],
          ['longer', 1000],
        ],
      ),
    ).toEqual(['NAME    LEFT', 'a          1', 'longer  1000'])
    expect(tableText(['NAME'], [])).toEqual([])
  })
})
