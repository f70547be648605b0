import { wrong } from '../core/errors.ts'
import { hash53 } from '../core/state-identity.ts'

/** All values of the hash that shares are taken of. */
const HASHES = 2 ** 53
const PERCENT = /^(\d{1,3}(?:\.\d{1,6})?)%$/

/** A part of all keys: those whose hash is below it. 100% is 2^53, and 0% is 0. */
export type KeyShare = number

/**
 * How a policy stands to a request: its rules decide (`live`), those of its `shadow` decide and the live ones count beside them
 * (`trial`), or all of it only counts (`counted`).
 */
export type Stage = 'live' | 'trial' | 'counted'

/** Every key. */
export const ALL_KEYS: KeyShare = HASHES

/** Parses `10%` or `0.5%`; anything else is an error at `path`. */
export function parseShare(value: unknown, path: string): KeyShare {
  const [, digits] = (typeof value === 'string' && value.match(PERCENT)) || []
  const percent = Number(digits)
  if (digits !== undefined && percent <= 100) return (percent / 100) * HASHES
  throw wrong(value, 'is not a share of keys; use a percentage from 0% to 100%, such as 10%', path)
}

/**
 * Whether a key of a policy is in a share. Each key has one place for good, whatever process asks: who is in at 10% is in at
 * 20%. The hash is no secret, and spreads keys evenly.
 */
export function isInShare(share: KeyShare, policy: string, key: string): boolean {
  if (share >= ALL_KEYS) return true
  return share > 0 && placeOf(policy, key) < share
}

/** A whole number below 2^53. The name of a policy has no line break, so that no two pairs are one text. */
function placeOf(policy: string, key: string): number {
  return hash53(`${policy}\n${key}`)
}
