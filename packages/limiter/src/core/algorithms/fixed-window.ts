// biome-ignore-all lint/complexity/useMaxParams: state functions run for every decision; an object of arguments would be made each time
import {
  type Algorithm,
  at,
  BEYOND_WINDOW,
  NEVER,
  RECEIPT,
  REMAINING,
  RESET,
  type RuleSpec,
  type State,
  WAIT,
} from '../algorithm.ts'
import { CAPACITY_MAX, STATE_MAX } from '../arithmetic.ts'
import { Calendar } from '../calendar.ts'
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

/** Terms of a fixed window that begins at the first hit, or at multiples of its length since 1970. */
export interface FixedTerms {
  readonly limit: number
  readonly windowUs: number
}

/** Terms of a fixed window that is aligned to a calendar. */
export interface CalendarTerms {
  readonly limit: number
  readonly calendar: Calendar
}

/** What differs between the three alignments: mainly when a window ends. */
interface Windows<T>
  extends Pick<
    Algorithm<T & object>,
    'kind' | 'options' | 'compile' | 'identity' | 'luaTerms' | 'hasTimedTerms'
  > {
  endOf(terms: T, now: number): number
}

/** Further indices of the state: the end of the window, and the units used in it. */
const END = 4
const USED = 5
const SIZE = 6

/** Fixed window from the first hit; at most N per window, so at most 2N around an edge. */
export const firstHitWindow: Algorithm<FixedTerms> = fixedWindow<FixedTerms>({
  kind: 'first-hit',
  options: ['align'],
  compile: compileFixed,
  identity: (t) => String(t.windowUs),
  luaTerms: (t) => [t.limit, t.windowUs],
  endOf: (t, now) => now + t.windowUs,
})

/** Fixed window aligned to multiples of its length since the Unix epoch. */
export const epochWindow: Algorithm<FixedTerms> = fixedWindow<FixedTerms>({
  kind: 'epoch',
  options: ['align'],
  compile: compileFixed,
  identity: (t) => String(t.windowUs),
  luaTerms: (t) => [t.limit, t.windowUs],
  endOf: (t, now) => now - (now % t.windowUs) + t.windowUs,
})

/** Fixed window aligned to the calendar of a time zone. */
export const calendarWindow: Algorithm<CalendarTerms> = fixedWindow<CalendarTerms>({
  kind: 'calendar',
  options: ['align', 'timezone'],
  compile({ limit, window, timezone, path }) {
    checkLimit(limit, path)
    if (window.calendar !== null) {
      return { limit, calendar: new Calendar(window.calendar, timezone, `${path}.timezone`) }
    }
    const fix = 'write one minute, hour, day, week, month or year, as in 1000/day'
    throw invalid(path, `align: calendar needs a window of one calendar unit; ${fix}`, 'invalid-rule')
  },
  identity: (t) => `${t.calendar.unit} ${t.calendar.timezone}`,
  // Redis knows no time zones: the script picks among the edges around the caller's time by its own clock.
  luaTerms: (t, now) => [t.limit, ...t.calendar.edges(now)],
  hasTimedTerms: true,
  endOf: (t, now) => t.calendar.seek(now).end,
})

/** The algorithm of all three alignments. The state holds only the end of a window, which identifies it. */
function fixedWindow<T extends { readonly limit: number }>({ endOf, ...own }: Windows<T>): Algorithm<T> {
  return {
    ...own,
    lapsesAtReset: true,
    stateSize: () => SIZE,
    isFuture: (t, state, o, now) => at(state, o + END) > endOf(t, now),

    advance(t, state, o, now) {
      const end = at(state, o + END)
      if (end <= now) return void state.fill(0, o, o + SIZE)
      // After the clock went back, the window keeps its units and ends no later than one that begins now.
      state[o + END] = Math.min(end, endOf(t, now))
      state[o + SPENT_AT] = Math.min(at(state, o + SPENT_AT), now)
    },

    waitFor(t, state, o, now, cost) {
      if (cost > t.limit) return NEVER
      return at(state, o + USED) + cost <= t.limit ? 0 : at(state, o + END) - now
    },

    spend(t, state, o, now, cost, incarnation) {
      if (state[o] === 0) state[o] = incarnation
      if (state[o + END] === 0) state[o + END] = endOf(t, now)
      state[o + SPENT_AT] = now
      state[o + USED] = Math.min(STATE_MAX, at(state, o + USED) + cost)
    },

    used: (_, state, o) => at(state, o + USED),
    recoversAt: (_, state, o) => at(state, o + END),
    spentAt: (state, o) => at(state, o + SPENT_AT),

    receipt(_, state, o, numbers, from) {
      numbers[from] = at(state, o)
      numbers[from + 1] = at(state, o + RETURNED)
      numbers[from + 2] = at(state, o + CREDITED)
      numbers[from + 3] = at(state, o + USED)
      numbers[from + 4] = 0
    },

    // Each window has an incarnation of its own, so a refund never reaches into another window.
    refund: (_, state, o, _now, cost, receipt) =>
      giveBack(state, o, Math.min(cost, refundableUnits(receipt, state, o)), false),
    credit: (_, state, o, _now, cost) => giveBack(state, o, cost, true),

    replySize: 5,
    readReply(t, { numbers: reply, at: first, now, cost }, numbers, from) {
      const [signed = 0, end = 0, incarnation = 0, returned = 0, credited = 0] = reply.slice(first, first + 5)
      const used = signed < 0 ? -1 - signed : signed
      numbers[from + WAIT] = signed >= 0 ? 0 : cost > t.limit ? NEVER : end - now
      numbers[from + REMAINING] = Math.max(0, t.limit - used)
      numbers[from + RESET] = end === 0 ? 0 : end - now
      writeReceipt(numbers, from + RECEIPT, [incarnation, returned, credited, used, 0])
    },

    waitForMore({ limit }, { wait, remaining, reset }, cost) {
      if (cost > limit) return NEVER
      if (cost <= remaining) return 0
      return wait === 0 ? reset : wait
    },

    // Leases do not matter: none outlives its window.
    worstCase: (_, { limit, windowMs, overdraw }) => {
      const sentence = `at most ${limit} per window of ${formatSeconds(windowMs)}`
      return overdraw
        ? `${sentence}, ${BEYOND_WINDOW}`
        : `${sentence}, so at most ${2 * limit} around an edge`
    },
  }
}

function giveBack(state: State, o: number, wanted: number, isCredit: boolean): number {
  const units = Math.min(wanted, at(state, o + USED))
  const left = at(state, o + USED) - units
  if (left === 0) state.fill(0, o, o + SIZE)
  else {
    state[o + USED] = left
    countReturned(state, o, units, isCredit ? units : 0)
  }
  return units
}

function compileFixed({ limit, window, path }: RuleSpec): FixedTerms {
  checkLimit(limit, path)
  return { limit, windowUs: window.ms * 1000 }
}

function checkLimit(limit: number, path: string): void {
  if (limit <= CAPACITY_MAX) return
  throw invalid(path, `limit ${limit} is above 2^51; use a smaller limit`, 'invalid-rule')
}
