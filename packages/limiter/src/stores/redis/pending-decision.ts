import type { BudgetRequest, Refund, Verb } from '../../core/store.ts'
import type { Route } from './route.ts'

/** One decision that is queued or in flight. */
export interface PendingDecision {
  readonly verb: Verb | 'acquire' | 'refund'
  readonly requests: readonly BudgetRequest[]
  /** How the requests are encoded. */
  readonly route: Route
  /** For `acquire`: the fewest units worth spending. */
  readonly min?: number | undefined
  /** For `refund`: the spend to refund; `requests` holds its budget and key. */
  readonly refund?: Refund | undefined
  /** The time to judge by in tests, in microseconds; null for the server's clock. */
  readonly time: string | null
}
