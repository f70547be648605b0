/** Largest amount any state may hold, in sub-units; one more addition of a capacity still fits 2^53. */
export const STATE_MAX: number = 2 ** 52

/** Largest capacity of a rule in sub-units, so that state + capacity stays exact. */
export const CAPACITY_MAX: number = 2 ** 51

/** Greatest common divisor of two positive integers (Euclid). */
export function gcd(a: number, b: number): number {
  while (b !== 0) [a, b] = [b, a % b]
  return a
}

/** ⌈a·b/c⌉ exactly, for 0 ≤ a < c ≤ 2^51 and a safe integer b ≥ 0, although a·b need not fit 2^53. */
export function mulDivCeil(a: number, b: number, c: number): number {
  let quotient = 0
  let rest = 0
  for (let bit = 52; bit >= 0; bit--) {
    const digit = Math.floor(b / 2 ** bit) % 2
    rest = rest * 2 + (digit === 1 ? a : 0)
    const carry = Math.floor(rest / c)
    quotient = quotient * 2 + carry
    rest -= carry * c
  }
  return rest > 0 ? quotient + 1 : quotient
}
