/** Random id of this process, in digits and letters. */
export const processId: string = Array.from(crypto.getRandomValues(new Uint32Array(2)), (n) =>
  n.toString(36),
).join('')
let lastSpend = 0

/** The number of the next spend of this process. */
export function nextSpend(): number {
  return ++lastSpend
}

/** A unique id of a spend, by which it is refunded at most once. */
export function spendId(spend: number = nextSpend()): string {
  return processId + spend.toString(36)
}
