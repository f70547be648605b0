import type { Outcome } from '../proxy-outcome.ts'

/** What a gate says in place of the upstream. */
export interface Answer {
  readonly outcome: Outcome
  readonly status: number
  /** In flat pairs, names in lower case; without a length, which is added. */
  readonly fields: readonly string[]
  readonly body: string
  /** Whether the connection ends: where the rest of what it brings cannot be read for sure. */
  readonly closes?: boolean
}
