import type { Decision } from '../core/decision.ts'
import type { Verdicts } from '../core/store.ts'
import { creditedUnits, decisionOf, storeFailureDecision } from './limit-decision.ts'
import type { PolicyRequest } from './make-receipt.ts'
import type { StoreCall } from './rule-views.ts'

/** The result of a call: the decision, and what only some verbs need. */
export interface Outcome {
  readonly decision: Decision
  /** Units that a `credit` gave back; 0 for any other verb. */
  readonly credited: number
  /** Why the store did not answer, where no fallback decided in its place. */
  readonly failure?: unknown
}

/** What the verdicts on a call amount to. */
export function outcomeOf(call: StoreCall, verdicts: Verdicts): Outcome {
  const { judged, failure } = verdicts
  if (judged?.length === 0) {
    return { decision: storeFailureDecision(verdicts, call.cost), credited: 0, failure }
  }
  // Budgets of a fallback are copies of policy budgets, so they have all fields of a PolicyBudget.
  const evaluated = judged === undefined ? call : { ...call, requests: judged as readonly PolicyRequest[] }
  return { decision: decisionOf(evaluated, verdicts), credited: creditedUnits(evaluated, verdicts) }
}
