// biome-ignore-all lint/complexity/useMaxParams: as in algorithm.ts, no object of arguments for a decision

import type { State } from './algorithm.ts'
import type { Budget } from './budget.ts'
import { type StateIdentity, stateIdentity } from './state-identity.ts'

/**
 * What stands against a key under one policy, beside the state of its rules: how often it offended, and until when it is
 * banned or blocked. It belongs to policy and key, so no change of rules ends it. Pure functions over whole numbers, with a
 * twin in Lua (`stores/redis/lua/standing.lua`); times are microseconds, and zeros are what a fresh key has.
 */

/** Offences in a row: the place in the list of bans, counted from 1. */
const LEVEL = 0
/** Spends since the last offence that were not undone. While there is none, a denial is no new offence. */
const SPENDS = 1
/** When the last offence was. */
const OFFENDED_AT = 2
/** How long that offence bans; 0 once the ban was lifted. */
const BAN = 3
/** How long after it the level is kept: its ban, then the longest ban of the policy. 0: no offence is remembered. */
const KEPT = 4
/** How long after it a denial without a spend before it is none: until the rules had recovered. */
const QUIET = 5
/** When a block began. */
const BLOCKED_AT = 6
/** How long it lasts; 0: none. */
const BLOCK = 7

/** Doubles of a standing. */
export const STANDING_SIZE = 8

/** Identity of its record. No rule can have its name, and its kind comes before all others, so it leads every record. */
export const standingIdentity: StateIdentity = stateIdentity('!', '!standing', '')

/** Whether it lies in the future, since the clock went back (G7). */
export function isStandingFuture(state: State, o: number, now: number): boolean {
  return (state[o + OFFENDED_AT] as number) > now || (state[o + BLOCKED_AT] as number) > now
}

/** Moves it back to `now` where it is from the future, and clears what is over. */
export function advanceStanding(state: State, o: number, now: number): void {
  state[o + OFFENDED_AT] = Math.min(now, state[o + OFFENDED_AT] as number)
  state[o + BLOCKED_AT] = Math.min(now, state[o + BLOCKED_AT] as number)
  if (offenceEndsAt(state, o) <= now) state.fill(0, o, o + BLOCKED_AT)
  if (blockEndsAt(state, o) <= now) state.fill(0, o + BLOCKED_AT, o + STANDING_SIZE)
}

/** When nothing stands any more; 0 where nothing does. */
export function standingEndsAt(state: State, o: number): number {
  return Math.max(offenceEndsAt(state, o), blockEndsAt(state, o))
}

/** When ban and block are over; 0 where there is none. */
export function barredUntil(state: State, o: number): number {
  const ban = state[o + BAN] as number
  return Math.max(ban === 0 ? 0 : (state[o + OFFENDED_AT] as number) + ban, blockEndsAt(state, o))
}

/** Blocks for `length`, from now; 0 ends block and ban. */
export function blockFor(state: State, o: number, now: number, length: number): void {
  state[o + BLOCKED_AT] = length === 0 ? 0 : now
  state[o + BLOCK] = length
  if (length === 0) state[o + BAN] = 0
}

/** Whether a denial is an offence: the first since the policy was spent from. */
export function isFirstDenial(state: State, o: number, now: number): boolean {
  if (state[o + KEPT] === 0 || (state[o + SPENDS] as number) > 0) return true
  return (state[o + OFFENDED_AT] as number) + (state[o + QUIET] as number) <= now
}

/** Writes an offence, and returns how long it bans. `recoversAt`: when all rules of the policy will have recovered. */
export function offend(
  state: State,
  o: number,
  now: number,
  bans: NonNullable<Budget['bans']>,
  recoversAt: number,
): number {
  const isKept = (state[o + OFFENDED_AT] as number) + (state[o + KEPT] as number) > now
  const level = Math.min(bans.length, (isKept ? (state[o + LEVEL] as number) : 0) + 1)
  const ban = bans[level - 1] as number
  state[o + LEVEL] = level
  state[o + SPENDS] = 0
  state[o + OFFENDED_AT] = now
  state[o + BAN] = ban
  state[o + KEPT] = ban + Math.max(...bans)
  state[o + QUIET] = Math.max(0, recoversAt - now)
  return ban
}

/** Notes a spend: the next denial is an offence again. */
export function noteSpend(state: State, o: number): void {
  if (state[o + KEPT] !== 0) state[o + SPENDS] = (state[o + SPENDS] as number) + 1
}

/** Takes back the note of a spend that was made at this time and undone. */
export function forgetSpend(state: State, o: number, spentAt: number): void {
  const spends = state[o + SPENDS] as number
  if (spends > 0 && spentAt > (state[o + OFFENDED_AT] as number)) state[o + SPENDS] = spends - 1
}

function offenceEndsAt(state: State, o: number): number {
  const kept = state[o + KEPT] as number
  return kept === 0 ? 0 : (state[o + OFFENDED_AT] as number) + Math.max(kept, state[o + QUIET] as number)
}

function blockEndsAt(state: State, o: number): number {
  const length = state[o + BLOCK] as number
  return length === 0 ? 0 : (state[o + BLOCKED_AT] as number) + length
}
