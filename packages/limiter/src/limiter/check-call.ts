import { wrong } from '../core/errors.ts'
import type { CallOptions } from '../core/limiter.ts'
import { checkCost, checkFields } from '../core/validate.ts'

/** Given by callers who say nothing: then a plain key needs no look at anything else. */
export const NO_OPTIONS: CallOptions = Object.freeze({})

/** Options of verbs whose cost is an argument of its own. */
const fields = ['limit', 'policy', 'deadlineMs']
const costFields = ['cost', ...fields]

/** Checks what a call says and answers its cost. `own` are the fields of its verb alone. */
export function checkCall(options: CallOptions, own: readonly string[] = []): number {
  if (options === NO_OPTIONS) return 1
  checkFields(options, own.length === 0 ? costFields : [...own, ...costFields], 'options')
  const { cost = 1, deadlineMs = 0 } = options
  if (!(typeof deadlineMs === 'number' && deadlineMs >= 0)) {
    throw wrong(deadlineMs, 'is not a number of milliseconds; use 0 or more', 'options.deadlineMs')
  }
  return checkCost(cost)
}

/** Options of a call with its cost, which was given apart from them. */
export function withCost(options: Omit<CallOptions, 'cost'>, cost: number): CallOptions {
  if (options !== NO_OPTIONS) checkFields(options, fields, 'options')
  return { ...options, cost: checkCost(cost) }
}
