import { at, type Numbers, type RuleReceipt, type State } from '../algorithm.ts'
import { STATE_MAX } from '../arithmetic.ts'

/** First numbers of the state of every window: incarnation, units given back, units credited of these, last spend. */
export const RETURNED = 1
export const CREDITED = 2
export const SPENT_AT = 3

/**
 * Units of a spend on a window that may still be given back. Where some were credited since, they may have been its
 * own: then all that was given back since counts, in whichever entry, so that it is never too much.
 */
export function leftOf({ stood, returned, credited }: RuleReceipt, state: State, o: number): number {
  if (at(state, o + CREDITED) === credited) return Number.POSITIVE_INFINITY
  return Math.max(0, stood - (at(state, o + RETURNED) - returned))
}

/**
 * Counts units that are given back. Where the count would leave 2^52, it begins anew with the next incarnation:
 * receipts of before are worth nothing any more, which mints nothing.
 */
export function countReturned(state: State, o: number, units: number, credited: number): void {
  const returned = at(state, o + RETURNED) + units
  const isLost = returned > STATE_MAX
  if (isLost) state[o] = 0
  state[o + RETURNED] = isLost ? 0 : returned
  state[o + CREDITED] = isLost ? 0 : at(state, o + CREDITED) + credited
}

/** Writes incarnation, returned, credited, stood and since of a receipt. */
export function writeReceipt(numbers: Numbers, from: number, receipt: readonly number[]): void {
  for (let i = 0; i < receipt.length; i++) numbers[from + i] = receipt[i] as number
}
