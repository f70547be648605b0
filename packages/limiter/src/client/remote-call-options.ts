import type { CallOptions } from '../core/limiter.ts'
import { checkCost, checkFields } from '../core/validate.ts'

/** Options of every call that is decided. */
export const CALL_FIELDS: readonly string[] = ['cost', 'limit', 'policy', 'rule', 'deadlineMs']

/** Checks the options of a call and returns its cost, of which a stand-in decision tells. */
export function checkCall(options: CallOptions): number {
  checkFields(options, CALL_FIELDS, 'options')
  const { cost = 1 } = options
  return checkCost(cost)
}
