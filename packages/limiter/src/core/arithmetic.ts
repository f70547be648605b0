/** Largest amount any state may hold, in sub-units; one more addition of a capacity still fits 2^53. */
export const STATE_MAX: number = 2 ** 52

/** Largest capacity of a rule in sub-units, so that state + capacity stays exact. */
export const CAPACITY_MAX: number = 2 ** 51

/** Greatest common divisor of two positive integers (Euclid). */
export function gcd(a: number, b: number): number {
  while (b !== 0) [a, b] = [b, a % b]
  return a
}

/** The same number; one that fits 31 bits is made an integer to the engine, which then keeps it without a box. */
export function unboxed(n: number): number {
  return n < 2 ** 31 ? n | 0 : n
}

/** Steps of time in microseconds, finest first: an algorithm takes the finest whose products fit 2^53. */
export const QUANTA: readonly number[] = [1, 1000, 1_000_000]
