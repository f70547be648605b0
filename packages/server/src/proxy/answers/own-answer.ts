import type { Outcome } from '../proxy-outcome.ts'

/** What a gate says in place of the upstream. */
export interface OwnAnswer {
  readonly outcome: Outcome
  readonly status: number
  /** In flat pairs, names in lower case; without a length, which is added. */
  readonly fields: readonly string[]
  readonly body: string
  /** Whether `fields` tell of limits already, so that nothing else has to. */
  readonly tellsLimits?: boolean
  /** Whether the connection ends: where the rest of what it brings cannot be read for sure. */
  readonly closes?: boolean
}
