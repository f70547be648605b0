import { describe, expect, it } from 'vitest'
import { countText, plural, rateText, shareOf, shareText } from './numbers.ts'

describe('a number in words', () => {
  it.each([
    [0, '0'],
    [1234, '1,234'],
    [1_250_000, '1.3 M'],
    [2e9, '2 G'],
  ])('counts %d as %s', (count, text) => {
    expect(countText(count)).toBe(text)
  })

  it('keeps a digit behind the point of slow rates alone', () => {
    expect([0.44, 9.96, 12.6].map(rateText)).toEqual(['0.4', '10', '13'])
  })

  it('never shows a share that is something as nothing, or one that is not all as all', () => {
    expect([0, 0.0002, 0.052, 0.99995, 1].map(shareText)).toEqual([
      '0 %',
      '< 0.1 %',
      '5.2 %',
      '> 99.9 %',
      '100 %',
    ])
  })

  it('has a share from 0 to 1, and none of nothing', () => {
    expect([shareOf(1, 0), shareOf(-1, 2), shareOf(1, 2), shareOf(3, 2)]).toEqual([0, 0, 0.5, 1])
  })

  it('counts one thing and several', () => {
    expect([plural(1, 'unit'), plural(0, 'unit'), plural(2, 'policy', 'policies')]).toEqual([
      '1 unit',
      '0 units',
      '2 policies',
    ])
  })
})
