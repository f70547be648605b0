let id = ''
let lastSpend = 0

/** Random id of this process, in digits and letters. Made when first asked for: Workers have no random numbers before a request. */
export function processId(): string {
  if (id === '') id = Array.from(crypto.getRandomValues(new Uint32Array(2)), (n) => n.toString(36)).join('')
  return id
}

/** The number of the next spend of this process. */
export function nextSpend(): number {
  return ++lastSpend
}

/** A unique id of a spend, by which it is refunded at most once. */
export function spendId(spend: number = nextSpend()): string {
  return processId() + spend.toString(36)
}
