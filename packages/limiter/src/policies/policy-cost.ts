import { HeadgateError, show, wrong, wrongCost } from '../core/errors.ts'
import type { PolicyOptions } from '../core/policy-options.ts'
import { isWhole } from '../core/validate.ts'
import type { RequestAttributes } from './request-attributes.ts'

/** What a request costs without a cost of the call and of the policy. */
export const DEFAULT_COST = 1

/** Checks `cost` of a policy: a number of units, or the name of an attribute. */
export function checkPolicyCost(cost: unknown, path: string): void {
  if (cost === undefined || isWhole(cost, 0)) return
  if (typeof cost === 'number') throw wrongCost(cost, 'is not a cost; use a whole number of 0 or more', path)
  if (typeof cost === 'string' && cost !== '' && !/^\d/.test(cost)) return
  throw wrong(cost, 'is not a cost; use a whole number, or the name of an attribute', path)
}

/** Units that a request spends from a policy where the call gives no cost. */
export function costOf({ name, cost = DEFAULT_COST }: PolicyOptions, request: RequestAttributes): number {
  if (typeof cost === 'number') return cost
  const value = givenValue(cost, request)
  if (value === undefined || value === '') return DEFAULT_COST
  const units = typeof value === 'string' && /^\d{1,16}$/.test(value) ? Number(value) : value
  if (isWhole(units, 0)) return units
  const fix = 'pass a whole number from 0 to 2^53 - 1'
  throw new HeadgateError(
    'invalid-key',
    `attribute ${cost} is ${show(value)}, and policy ${name} takes its cost from it; ${fix}`,
  )
}

/** The value as it was given: what is wrong as a cost shall be told as such, and not as an attribute. */
function givenValue(attribute: string, request: RequestAttributes): unknown {
  const { attributes } = request
  if (Object.hasOwn(attributes, attribute)) return attributes[attribute] ?? undefined
  return request.text(attribute)
}
