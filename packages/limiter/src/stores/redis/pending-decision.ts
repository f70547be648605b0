import type { BudgetRequest, Refund, Verb } from '../../core/store.ts'
import type { Route } from './route.ts'

/** One decision that waits to be sent, or is under way. */
export interface PendingDecision {
  readonly verb: Verb | 'acquire' | 'refund'
  readonly requests: readonly BudgetRequest[]
  /** How the requests travel. */
  readonly route: Route
  /** For `acquire`: the fewest units worth spending. */
  readonly min?: number | undefined
  /** For `refund`: the spend that is taken back; its one request says where. */
  readonly refund?: Refund | undefined
  /** The time it is to be judged by, in tests; null where the server's clock decides. */
  readonly time: string | null
}
