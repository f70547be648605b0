// biome-ignore-all lint/complexity/useMaxParams: state functions run for every decision; an object of arguments would be made each time
import {
  type Algorithm,
  at,
  BEYOND_WINDOW,
  NEVER,
  RECEIPT,
  REMAINING,
  RESET,
  type State,
  WAIT,
} from '../algorithm.ts'
import { CAPACITY_MAX, STATE_MAX } from '../arithmetic.ts'
import { formatSeconds } from '../duration.ts'
import { invalid } from '../errors.ts'
import {
  CREDITED,
  countReturned,
  RETURNED,
  refundableUnits,
  SPENT_AT,
  writeReceipt,
} from './window-refunds.ts'

/** Terms of a sliding window. */
export interface SlidingTerms {
  readonly limit: number
  readonly windowUs: number
  /** Units are added to the newest entry if it began less than this ago: ⌈W/s⌉ µs; 1 if every instant has an entry. */
  readonly length: number
  /** Most entries. */
  readonly segments: number
}

/** Further indices of the state: units of all entries, count of entries, and where the entries begin. */
const TOTAL = 4
const COUNT = 5
/** Two numbers each, start and units; oldest first. */
const ENTRIES = 6

/** States that may have more entries than this have no fixed size, see `Algorithm.stateSize`. */
const INLINE_SEGMENTS = 10
export const SEGMENTS_MAX = 1000

/**
 * Sliding window: at most s entries of (start, units). Units are added to the newest entry if it began less than L =
 * ⌈W/s⌉ ago, else to a new one; an entry expires as a whole at start + W. So at most N units pass in any W − L, and a
 * client that keeps to N per W is never denied (G1, G13). With s ≥ N each instant has an entry, and at most N pass in
 * any W, which is what `sliding-log` does.
 */
export const slidingWindow: Algorithm<SlidingTerms> = {
  kind: 'sliding-window',
  lapsesAtReset: false,

  compile({ limit, window, segments, path }) {
    if (limit > CAPACITY_MAX) {
      throw invalid(path, `limit ${limit} is above 2^51; use a smaller limit`, 'invalid-rule')
    }
    const windowUs = window.ms * 1000
    return { limit, windowUs, segments, length: limit <= segments ? 1 : Math.ceil(windowUs / segments) }
  },

  options: ['segments'],
  identity: (t) => String(t.windowUs),
  luaTerms: (t) => [t.limit, t.windowUs, t.length, t.segments],
  stateSize: ({ segments }) => (segments > INLINE_SEGMENTS ? 0 : ENTRIES + 2 * INLINE_SEGMENTS),
  variable: {
    sizeOf: (state, o) => ENTRIES + 2 * at(state, o + COUNT),
    sizeMax: ENTRIES + 2 * SEGMENTS_MAX,
  },
  isFuture: (_, state, o, now) => at(state, o + COUNT) > 0 && newestStart(state, o) > now,

  advance(t, state, o, now) {
    const count = at(state, o + COUNT)
    if (count === 0) return
    if (newestStart(state, o) > now) mergeFuture(state, o, now)
    if (at(state, o + SPENT_AT) > now) state[o + SPENT_AT] = now
    if (newestStart(state, o) + t.windowUs <= now) return clear(state, o)
    if (at(state, o + ENTRIES) + t.windowUs <= now) removeExpired(t, state, o, now)
  },

  waitFor(t, state, o, now, cost) {
    if (cost > t.limit) return NEVER
    let excess = at(state, o + TOTAL) + cost - t.limit
    if (excess <= 0) return 0
    let entry = o + ENTRIES
    for (; excess > at(state, entry + 1); entry += 2) excess -= at(state, entry + 1)
    return at(state, entry) + t.windowUs - now
  },

  spend(t, state, o, now, cost, incarnation) {
    if (state[o] === 0) state[o] = incarnation
    const total = at(state, o + TOTAL)
    const units = Math.min(cost, STATE_MAX - total)
    const count = at(state, o + COUNT)
    state[o + SPENT_AT] = now
    if (units === 0) return
    state[o + TOTAL] = total + units
    const begins = count === 0 || now - newestStart(state, o) >= t.length
    // Debt, lowered `segments` or a raised limit can leave too many entries. Merged only by a spend, since merging
    // makes waits longer, and a denial must not do that (G3).
    makeRoom(state, o, begins ? t.segments - 1 : t.segments)
    const newest = o + ENTRIES + 2 * (at(state, o + COUNT) - 1)
    if (!begins) state[newest + 1] = at(state, newest + 1) + units
    else if (at(state, o + COUNT) >= t.segments) {
      // With one segment the one entry is extended: it keeps its units and starts now.
      state[newest] = now
      state[newest + 1] = at(state, newest + 1) + units
    } else {
      state[newest + 2] = now
      state[newest + 3] = units
      state[o + COUNT] = at(state, o + COUNT) + 1
    }
  },

  used: (_, state, o) => at(state, o + TOTAL),
  recoversAt: (t, state, o) => (at(state, o + COUNT) === 0 ? 0 : newestStart(state, o) + t.windowUs),
  spentAt: (state, o) => at(state, o + SPENT_AT),

  receipt(_, state, o, numbers, from) {
    const newest = o + ENTRIES + 2 * at(state, o + COUNT) - 2
    numbers[from] = at(state, o)
    numbers[from + 1] = at(state, o + RETURNED)
    numbers[from + 2] = at(state, o + CREDITED)
    numbers[from + 3] = at(state, newest + 1)
    numbers[from + 4] = at(state, newest)
  },

  refund(_, state, o, _now, cost, receipt) {
    const end = o + ENTRIES + 2 * at(state, o + COUNT)
    for (let entry = o + ENTRIES; entry < end; entry += 2) {
      if (at(state, entry) !== receipt.since) continue
      const units = Math.min(cost, at(state, entry + 1), refundableUnits(receipt, state, o))
      giveBack(state, o, entry, units, 0)
      return units
    }
    return 0
  },

  credit(_, state, o, _now, cost) {
    let left = cost
    while (left > 0 && at(state, o + COUNT) > 0) {
      const newest = o + ENTRIES + 2 * at(state, o + COUNT) - 2
      const units = Math.min(left, at(state, newest + 1))
      giveBack(state, o, newest, units, units)
      left -= units
    }
    return cost - left
  },

  replySize: 6,
  readReply(t, { numbers: reply, at: first, now }, numbers, from) {
    // After a denial the third number is the wait; after a spend, the newest entry's units, for the receipt.
    const [signed = 0, newest = 0, third = 0, incarnation = 0, returned = 0, credited = 0] = reply.slice(
      first,
      first + 6,
    )
    const total = signed < 0 ? -1 - signed : signed
    numbers[from + WAIT] = signed < 0 ? third : 0
    numbers[from + REMAINING] = Math.max(0, t.limit - total)
    numbers[from + RESET] = total === 0 ? 0 : newest + t.windowUs - now
    writeReceipt(numbers, from + RECEIPT, [incarnation, returned, credited, third, newest])
  },

  waitForMore({ limit }, { remaining }, cost) {
    if (cost > limit) return NEVER
    return cost <= remaining ? 0 : null
  },

  worstCase({ limit, windowUs, length }, { leaseMs, overdraw }) {
    // An entry of 1 µs is an instant.
    const span = (windowUs - (length === 1 ? 0 : length)) / 1000
    const window = windowUs / 1000
    const windows = Math.floor(leaseMs / span) + 1
    const sentence = `at most ${windows * limit} in any ${formatSeconds(windows * span - leaseMs)}`
    if (overdraw) return `${sentence}, ${BEYOND_WINDOW}`
    if (length === 1 || leaseMs > 0) return sentence
    return `${sentence}, and up to ${2 * limit - 1} in ${formatSeconds(window)}`
  },
}

/** Sliding log: a sliding window with N segments, so that each instant has an entry, and N is exact in any W. */
export const slidingLog: Algorithm<SlidingTerms> = {
  ...slidingWindow,
  options: [],

  compile(spec) {
    const { limit, path } = spec
    if (limit <= SEGMENTS_MAX) return slidingWindow.compile({ ...spec, segments: limit })
    const fix = `a log stores every spend; above ${SEGMENTS_MAX} use sliding-window`
    throw invalid(path, `limit ${limit} is too large for a sliding-log; ${fix}`, 'invalid-rule')
  },
}

function newestStart(state: State, o: number): number {
  return at(state, o + ENTRIES + 2 * at(state, o + COUNT) - 2)
}

/** Merges the oldest entries until at most `max` are left, but at least one. */
function makeRoom(state: State, o: number, max: number): void {
  while (at(state, o + COUNT) > Math.max(1, max)) mergeOldest(state, o)
}

/** Merges the two oldest entries into one with the later start. */
function mergeOldest(state: State, o: number): void {
  state[o + ENTRIES + 3] = at(state, o + ENTRIES + 3) + at(state, o + ENTRIES + 1)
  remove(state, o, o + ENTRIES, 1)
}

/** After the clock went back: merges all entries from now on into one that starts now. */
function mergeFuture(state: State, o: number, now: number): void {
  let count = at(state, o + COUNT)
  let units = 0
  while (count > 0 && at(state, o + ENTRIES + 2 * count - 2) >= now) {
    units += at(state, o + ENTRIES + 2 * count - 1)
    count--
  }
  state.fill(0, o + ENTRIES + 2 * count, o + ENTRIES + 2 * at(state, o + COUNT))
  state[o + ENTRIES + 2 * count] = now
  state[o + ENTRIES + 2 * count + 1] = units
  state[o + COUNT] = count + 1
}

function removeExpired(t: SlidingTerms, state: State, o: number, now: number): void {
  let expired = 0
  for (let entry = o + ENTRIES; at(state, entry) + t.windowUs <= now; entry += 2) {
    state[o + TOTAL] = at(state, o + TOTAL) - at(state, entry + 1)
    expired++
  }
  remove(state, o, o + ENTRIES, expired)
}

/** Gives back units of an entry, and removes the entry when none are left. */
function giveBack(state: State, o: number, entry: number, units: number, credited: number): void {
  const left = at(state, entry + 1) - units
  state[entry + 1] = left
  state[o + TOTAL] = at(state, o + TOTAL) - units
  countReturned(state, o, units, credited)
  if (left > 0) return
  remove(state, o, entry, 1)
  if (at(state, o + COUNT) === 0) clear(state, o)
}

/** Removes `entries` entries from the index `entry` on. */
function remove(state: State, o: number, entry: number, entries: number): void {
  const end = o + ENTRIES + 2 * at(state, o + COUNT)
  state.copyWithin(entry, entry + 2 * entries, end)
  state.fill(0, end - 2 * entries, end)
  state[o + COUNT] = at(state, o + COUNT) - entries
}

function clear(state: State, o: number): void {
  state.fill(0, o, o + ENTRIES + 2 * at(state, o + COUNT))
}
