// biome-ignore-all lint/complexity/useMaxParams: as in algorithm.ts, no object of arguments for a decision
/** What stands against a key, in the verdicts on a request under it. */

import { BLOCKED, NEVER, RECEIPT, VERDICT_SIZE, WAIT } from '../../core/algorithm.ts'
import { barredUntil, isFirstDenial, offend } from '../../core/standing.ts'
import { type BudgetRequest, TOO_MANY_WINDOWS } from '../../core/store.ts'
import type { VerdictPlace } from './give-back.ts'
import type { Keyspace } from './keyspace.ts'
import type { WorkingCopy } from './working-copy.ts'

/** How long a ban or block still holds, in microseconds; 0: none does. */
export function barredFor(state: Float64Array, { standing }: WorkingCopy, now: number): number {
  return standing < 0 ? 0 : Math.max(0, barredUntil(state, standing) - now)
}

/**
 * Writes a denial that is an offence, and returns whether it is one: by the rules of this policy, that a wait can end. Not
 * against a key without a record of its own, whose overflow record others share.
 */
export function noteOffence<C extends WorkingCopy>(
  { budget: { rules, bans }, cost, blameless }: BudgetRequest,
  cursor: C,
  keyspace: Keyspace<C>,
  { now, numbers, from }: VerdictPlace,
): boolean {
  if (bans === undefined || blameless || cost === 0 || !cursor.found) return false
  if (barredFor(keyspace.state, cursor, now) > 0) return false
  const waits = rules.flatMap(({ shadow }, r) =>
    shadow ? [] : [numbers[from + r * VERDICT_SIZE + WAIT] as number],
  )
  if (waits.includes(NEVER) || waits.includes(TOO_MANY_WINDOWS) || waits.every((wait) => wait === 0))
    return false
  if (cursor.standing < 0) keyspace.addStanding(cursor)
  const { state } = keyspace
  if (!isFirstDenial(state, cursor.standing, now)) return false
  const recoversAt = rules.map(({ algorithm, terms, shadow }, r) =>
    shadow ? 0 : algorithm.recoversAt(terms, state, cursor.base + (cursor.layout.offsets[r] as number)),
  )
  offend(state, cursor.standing, now, bans, Math.max(...recoversAt))
  return true
}

/** Which verdicts are of a request, up to `end`, and whether its own rules have denied it. */
export interface DeniedVerdicts {
  readonly from: number
  readonly end: number
  readonly offends: boolean
}

/** Adds to the verdicts of a request that its key is barred for so many microseconds. */
export function tellBarred(
  heldUs: number,
  numbers: Float64Array,
  { from, end, offends }: DeniedVerdicts,
): void {
  for (let at = from; at < end; at += VERDICT_SIZE) {
    const wait = numbers[at + WAIT] as number
    if (wait >= 0) numbers[at + WAIT] = Math.max(wait, heldUs)
    if (!offends) numbers[at + RECEIPT] = BLOCKED
  }
}
