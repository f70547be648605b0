import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CAPACITY_MAX, gcd, mulDivCeil, STATE_MAX } from './arithmetic.ts'

describe('gcd', () => {
  it.each([
    [1, 1, 1],
    [10, 1_000_000, 10],
    [7, 60_000_000, 1],
    [86_400_000_000, 1_000_000, 1_000_000],
  ])('of %i and %i is %i', (a, b, g) => {
    expect(gcd(a, b)).toBe(g)
    expect(gcd(b, a)).toBe(g)
  })

  it('divides both, and leaves nothing common', () => {
    const positive = fc.maxSafeNat().map((n) => Math.max(1, n))
    fc.assert(
      fc.property(positive, positive, (a, b) => {
        const g = gcd(a, b)
        expect([a % g, b % g, gcd(a / g, b / g)]).toEqual([0, 0, 1])
      }),
    )
  })
})

describe('mulDivCeil', () => {
  it.each([
    [0, 5, 7, 0],
    [1, 0, 7, 0],
    [3, 7, 7, 3],
    [1, 1, 7, 1],
    [6, 6, 7, 6],
    [CAPACITY_MAX - 1, Number.MAX_SAFE_INTEGER, CAPACITY_MAX, Number.MAX_SAFE_INTEGER - 3],
  ])('⌈%i · %i / %i⌉ is %i', (a, b, c, expected) => {
    expect(mulDivCeil(a, b, c)).toBe(expected)
  })

  it('agrees with arithmetic without bounds', () => {
    const divisor = fc.oneof(
      fc.integer({ min: 1, max: 100 }),
      fc.maxSafeNat().map((n) => (n % CAPACITY_MAX) + 1),
    )
    fc.assert(
      fc.property(divisor, fc.double({ min: 0, max: 1, noNaN: true }), fc.maxSafeNat(), (c, share, b) => {
        const a = Math.min(c - 1, Math.floor(share * c))
        const [wideA, wideB, wideC] = [BigInt(a), BigInt(b), BigInt(c)]
        expect(BigInt(mulDivCeil(a, b, c))).toBe((wideA * wideB + wideC - 1n) / wideC)
      }),
      { numRuns: 2000 },
    )
  })
})

describe('the bounds of state', () => {
  it('leave room for one more capacity', () => {
    expect(Number.isSafeInteger(STATE_MAX + CAPACITY_MAX)).toBe(true)
  })
})
