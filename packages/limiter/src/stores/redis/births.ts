/** Begins anywhere, so that no two processes number alike. */
const [high = 0, low = 0] = crypto.getRandomValues(new Uint32Array(2))
let next = (high % 2 ** 20) * 2 ** 32 + low - (low % 2)

/**
 * The first of so many even numbers that no earlier record of a key began with: records are told apart by them, and odd
 * ones came with a call.
 */
export function nextBirths(count: number): number {
  const first = next >= 2 ** 52 ? 2 : next + 2
  next = first + 2 * count
  return first
}
