import { type Algorithm, at, NEVER, RECEIPT, REMAINING, RESET, type State, WAIT } from '../algorithm.ts'
import { CAPACITY_MAX, STATE_MAX } from '../arithmetic.ts'
import { formatSeconds } from '../duration.ts'
import { invalid } from '../errors.ts'
import { CREDITED, countReturned, leftOf, RETURNED, SPENT_AT, writeReceipt } from './window.ts'

/** Terms of a sliding window. */
export interface SlidingTerms {
  readonly limit: number
  readonly windowUs: number
  /** A unit joins the newest entry if that began less than this ago: ⌈W/s⌉ µs, 1 where every instant may be an entry. */
  readonly length: number
  /** Most entries. */
  readonly segments: number
}

/** After the first numbers of every window: all units, count of entries, and the entries. */
const TOTAL = 4
const COUNT = 5
/** Oldest first: start and units of each. */
const ENTRIES = 6

/** States of more entries than this are kept in boxes of their own size. */
const INLINE_SEGMENTS = 10
export const SEGMENTS_MAX = 1000

/**
 * Sliding window: at most s entries of (start, units). A unit joins the newest entry if that began less than L = ⌈W/s⌉
 * ago, else it begins one; an entry leaves as a whole at start + W. So at most N are used in any W − L, and nobody who
 * keeps to N per W is denied (G1, G13). With s ≥ N each instant is an entry, and at most N pass in any W:
 * `sliding-log` is the name of that.
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
    if (newestStart(state, o) > now) joinFuture(state, o, now)
    if (at(state, o + SPENT_AT) > now) state[o + SPENT_AT] = now
    if (newestStart(state, o) + t.windowUs <= now) return clear(state, o)
    if (at(state, o + ENTRIES) + t.windowUs <= now) leave(t, state, o, now)
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
    // Only debt, fewer segments or a raised limit leave too many. A denial leaves them, and the waits it told, alone.
    makeRoom(state, o, begins ? t.segments - 1 : t.segments)
    const newest = o + ENTRIES + 2 * (at(state, o + COUNT) - 1)
    if (!begins) state[newest + 1] = at(state, newest + 1) + units
    else if (at(state, o + COUNT) >= t.segments) {
      // A lone segment takes over what there is.
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
      const units = Math.min(cost, at(state, entry + 1), leftOf(receipt, state, o))
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
    // Where it was denied, the wait stands in place of the newest entry's units, of which no receipt will tell.
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

  worstCase({ limit, windowUs, length }, { leaseMs }) {
    // An entry of 1 µs is an instant.
    const span = (windowUs - (length === 1 ? 0 : length)) / 1000
    const window = windowUs / 1000
    const windows = Math.floor(leaseMs / span) + 1
    const sentence = `at most ${windows * limit} in any ${formatSeconds(windows * span - leaseMs)}`
    if (length === 1 || leaseMs > 0) return sentence
    return `${sentence}, and up to ${2 * limit - 1} in ${formatSeconds(window)}`
  },
}

/** Sliding log: a sliding window of N segments, so that each instant is an entry, and N is exact in any W. */
export const slidingLog: Algorithm<SlidingTerms> = {
  ...slidingWindow,
  options: [],

  compile(spec) {
    const { limit, path } = spec
    if (limit <= SEGMENTS_MAX) return slidingWindow.compile({ ...spec, segments: limit })
    const fix = `a log keeps every spend; above ${SEGMENTS_MAX} use sliding-window`
    throw invalid(path, `limit ${limit} is too large for a sliding-log; ${fix}`, 'invalid-rule')
  },
}

function newestStart(state: State, o: number): number {
  return at(state, o + ENTRIES + 2 * at(state, o + COUNT) - 2)
}

/** Joins the oldest entries until there are at most so many, or one. */
function makeRoom(state: State, o: number, entries: number): void {
  while (at(state, o + COUNT) > Math.max(1, entries)) joinOldest(state, o)
}

/** The two oldest become one, with the start of the later. */
function joinOldest(state: State, o: number): void {
  state[o + ENTRIES + 3] = at(state, o + ENTRIES + 3) + at(state, o + ENTRIES + 1)
  remove(state, o, o + ENTRIES, 1)
}

/** A clock went back: entries of the future become one, at now, with one that is there already. */
function joinFuture(state: State, o: number, now: number): void {
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

function leave(t: SlidingTerms, state: State, o: number, now: number): void {
  let gone = 0
  for (let entry = o + ENTRIES; at(state, entry) + t.windowUs <= now; entry += 2) {
    state[o + TOTAL] = at(state, o + TOTAL) - at(state, entry + 1)
    gone++
  }
  remove(state, o, o + ENTRIES, gone)
}

/** Takes units out of an entry; one that has none left goes. */
function giveBack(state: State, o: number, entry: number, units: number, credited: number): void {
  const left = at(state, entry + 1) - units
  state[entry + 1] = left
  state[o + TOTAL] = at(state, o + TOTAL) - units
  countReturned(state, o, units, credited)
  if (left > 0) return
  remove(state, o, entry, 1)
  if (at(state, o + COUNT) === 0) clear(state, o)
}

function remove(state: State, o: number, entry: number, entries: number): void {
  const end = o + ENTRIES + 2 * at(state, o + COUNT)
  state.copyWithin(entry, entry + 2 * entries, end)
  state.fill(0, end - 2 * entries, end)
  state[o + COUNT] = at(state, o + COUNT) - entries
}

function clear(state: State, o: number): void {
  state.fill(0, o, o + ENTRIES + 2 * at(state, o + COUNT))
}
