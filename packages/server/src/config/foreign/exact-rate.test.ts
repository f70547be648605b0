import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { exactRate } from './exact-rate.ts'

describe('exactRate', () => {
  it.each([
    ['1.667', 1667, 1000],
    ['10', 10, 1],
    ['10.0', 10, 1],
    ['0.5', 1, 2],
    ['1.50', 3, 2],
    ['1e3', 1000, 1],
    ['2.5e-3', 1, 400],
    ['0.1', 1, 10],
    ['0.000000001', 1, 1_000_000_000],
    ['9007199254740991', 9_007_199_254_740_991, 1],
    // Of these a double would have made others.
    ['0.300000001', 300_000_001, 1_000_000_000],
  ])('reads %s as it is written', (text, limit, windowSeconds) => {
    expect(exactRate(text)).toEqual({ limit, windowSeconds })
  })

  it.each([
    '0',
    '0.0',
    '-1',
    '',
    '.5',
    '5.',
    '1.6.7',
    'NaN',
    'Infinity',
    '1e999',
    '1e-12',
    '0.0000000001',
    '9007199254740992',
  ])('refuses %j', (text) => {
    expect(exactRate(text)).toBeNull()
  })

  it('is exact for all decimals of up to nine digits behind the point', () => {
    fc.assert(
      fc.property(fc.nat(1_000_000), fc.nat(999_999_999), (whole, behind) => {
        fc.pre(whole + behind > 0)
        const rate = exactRate(`${whole}.${String(behind).padStart(9, '0')}`)
        const units = BigInt(whole) * 1_000_000_000n + BigInt(behind)
        expect(BigInt(rate?.limit ?? 0) * 1_000_000_000n).toBe(units * BigInt(rate?.windowSeconds ?? 0))
      }),
      { numRuns: 300 },
    )
  })
})
