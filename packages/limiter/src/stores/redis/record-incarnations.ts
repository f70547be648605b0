/** Starts at a random number, so that two processes do not hand out the same ones. */
const [high = 0, low = 0] = crypto.getRandomValues(new Uint32Array(2))
let last = (high % 2 ** 20) * 2 ** 32 + low - (low % 2)

/**
 * Reserves `count` even numbers and returns the first, for records that this call creates. The script adds 1 for a rule
 * whose rate came with a call.
 */
export function nextIncarnations(count: number): number {
  const first = last >= 2 ** 52 ? 2 : last + 2
  last = first + 2 * count
  return first
}
