/** Does something, or not; says how often it was not done since. */
export type Limit = (write: (withheld: number) => void) => void

const REPEAT_MS = 10_000

/** Does what it is given, but for 10 s after it did; says how often it did not. */
export function oneInTenSeconds(): Limit {
  let last = Number.NEGATIVE_INFINITY
  let withheld = 0
  return (write) => {
    const now = performance.now()
    if (now - last < REPEAT_MS) {
      withheld++
      return
    }
    last = now
    write(withheld)
    withheld = 0
  }
}

/** The same for each kind of what it is given, of which there are few. */
export function oneOfAKindInTenSeconds(): (kind: string) => Limit {
  const limits = new Map<string, Limit>()
  return (kind) => {
    const limit = limits.get(kind) ?? oneInTenSeconds()
    limits.set(kind, limit)
    return limit
  }
}
