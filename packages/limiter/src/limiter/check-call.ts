import { wrong } from '../core/errors.ts'
import type { CallOptions } from '../core/limiter.ts'
import { checkCost, checkFields } from '../core/validate.ts'

/** The options of a call without options: comparing with this one object replaces checking every option. */
export const NO_OPTIONS: CallOptions = Object.freeze({})

/** Options of `charge` and `credit`, whose cost is a separate argument. */
const fields = ['limit', 'policy', 'rule', 'deadlineMs']
const costFields = ['cost', ...fields]

/** Checks the options of a call and returns its cost. `extraFields` are those that only its verb has. */
export function checkCall(options: CallOptions, extraFields: readonly string[] = []): number {
  if (options === NO_OPTIONS) return 1
  checkFields(options, extraFields.length === 0 ? costFields : [...extraFields, ...costFields], 'options')
  const { cost = 1, deadlineMs = 0 } = options
  if (!(typeof deadlineMs === 'number' && deadlineMs >= 0)) {
    throw wrong(deadlineMs, 'is not a number of milliseconds; use 0 or more', 'options.deadlineMs')
  }
  return checkCost(cost)
}

/** Options of a call together with its cost, which was a separate argument. */
export function withCost(options: Omit<CallOptions, 'cost'>, cost: number): CallOptions {
  if (options !== NO_OPTIONS) checkFields(options, fields, 'options')
  return { ...options, cost: checkCost(cost) }
}
