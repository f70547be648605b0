/** Decisions by how they ended; each is one of the first two, and may be the third besides. */
export interface OutcomeCounts {
  readonly allowed: number
  readonly denied: number
  /** Those that rules would have denied which only count. */
  readonly shadowDenied: number
}

/** Counts that go up. */
export type OutcomeBook = { -readonly [name in keyof OutcomeCounts]: OutcomeCounts[name] }

export function noOutcomes(): OutcomeBook {
  return { allowed: 0, denied: 0, shadowDenied: 0 }
}

export function sumOf(all: readonly OutcomeCounts[]): OutcomeCounts {
  const sum = noOutcomes()
  for (const { allowed, denied, shadowDenied } of all) {
    sum.allowed += allowed
    sum.denied += denied
    sum.shadowDenied += shadowDenied
  }
  return sum
}
