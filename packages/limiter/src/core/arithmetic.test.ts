import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CAPACITY_MAX, gcd, STATE_MAX } from './arithmetic.ts'

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

describe('the bounds of state', () => {
  it('leave room for one more capacity', () => {
    expect(Number.isSafeInteger(STATE_MAX + CAPACITY_MAX)).toBe(true)
  })
})
