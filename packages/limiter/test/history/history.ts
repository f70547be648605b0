/** What was admitted under one key, by however many processes. */
export interface Spend {
  /** Microseconds by the store's clock; by that of the process where a lease was spent. */
  readonly at: number
  readonly cost: number
}

/** Spends of one key in the order of their times. */
export type History = readonly Spend[]

/** Joins what several processes recorded of one key. */
export function joined(parts: readonly History[]): History {
  return parts.flat().sort((a, b) => a.at - b.at)
}

export function total(history: History): number {
  return history.reduce((sum, { cost }) => sum + cost, 0)
}
