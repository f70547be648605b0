/** Largest amount that any state may hold, in sub-units: adding a capacity to it still fits 2^53. */
export const STATE_MAX: number = 2 ** 52

/** Largest capacity of a rule, in sub-units. */
export const CAPACITY_MAX: number = 2 ** 51

/** Greatest common divisor of two positive integers (Euclid). */
export function gcd(a: number, b: number): number {
  while (b !== 0) [a, b] = [b, a % b]
  return a
}

/** The same number; below 2^31 as a small integer, which V8 stores in a field without allocating a heap number. */
export function unboxed(n: number): number {
  return n < 2 ** 31 ? n | 0 : n
}

/** Quanta of time in microseconds: an algorithm uses the smallest one whose products fit 2^53. */
export const QUANTA: readonly number[] = [1, 1000, 1_000_000]
