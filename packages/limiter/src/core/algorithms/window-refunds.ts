// biome-ignore-all lint/complexity/useMaxParams: state functions run for every decision; an object of arguments would be made each time
import { at, type Numbers, type RuleReceipt, type State } from '../algorithm.ts'
import { STATE_MAX } from '../arithmetic.ts'

/**
 * Indices of every window's state, after the incarnation: units given back, those of them by credits, the last spend.
 */
export const RETURNED = 1
export const CREDITED = 2
export const SPENT_AT = 3

/**
 * The most that a refund of a spend may give back; infinite if only the entry's units bound it. If units were credited
 * since the spend, they may have been its own: then everything given back since, in any entry, is subtracted from what
 * stood in the spend's entry, so that a refund never gives too much.
 */
export function refundableUnits({ stood, returned, credited }: RuleReceipt, state: State, o: number): number {
  if (at(state, o + CREDITED) === credited) return Number.POSITIVE_INFINITY
  return Math.max(0, stood - (at(state, o + RETURNED) - returned))
}

/**
 * Counts units given back. When the count exceeds 2^52, it restarts at 0 with a new incarnation, so that older receipts
 * become void: safe, since none then gives too much.
 */
export function countReturned(state: State, o: number, units: number, credited: number): void {
  const returned = at(state, o + RETURNED) + units
  const restarts = returned > STATE_MAX
  if (restarts) state[o] = 0
  state[o + RETURNED] = restarts ? 0 : returned
  state[o + CREDITED] = restarts ? 0 : at(state, o + CREDITED) + credited
}

/** Writes incarnation, returned, credited, stood and since of a receipt. */
export function writeReceipt(numbers: Numbers, from: number, receipt: readonly number[]): void {
  for (let i = 0; i < receipt.length; i++) numbers[from + i] = receipt[i] as number
}
