/** A name of this process that no other has: digits and letters. */
export const processId: string = Array.from(crypto.getRandomValues(new Uint32Array(2)), (n) =>
  n.toString(36),
).join('')
let spends = 0

/** The number of the next spend of this process. */
export function nextSpend(): number {
  return ++spends
}

/** The name of a spend, which no other has, in this process or another: it is taken back at most once. */
export function spendId(spend: number = nextSpend()): string {
  return processId + spend.toString(36)
}
