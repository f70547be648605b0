import { type Algorithm, NEVER, type RuleSpec, type State } from '../algorithm.ts'
import { CAPACITY_MAX, STATE_MAX } from '../arithmetic.ts'
import { Calendar } from '../calendar.ts'
import { invalid } from '../errors.ts'

/** Terms of a fixed window whose windows begin at the first hit or at multiples of their length since 1970. */
export interface FixedTerms {
  readonly limit: number
  readonly windowUs: number
}

/** Terms of a fixed window that follows a calendar. */
export interface CalendarTerms {
  readonly limit: number
  readonly calendar: Calendar
}

/** Moves the state into the window of `now`: `spent` keeps the count, unless that window is over. */
type Roll<T> = (terms: T, state: State, offset: number, now: number) => void

/** Fixed window from the first hit; at most N per window, so at most 2N around an edge. */
export const firstHitWindow: Algorithm<FixedTerms> = fixedWindow<FixedTerms>({
  kind: 'first-hit',
  compile: compileFixed,
  fields: (t) => [t.limit, t.windowUs],
  ahead: (_, state, o, now) => word(state, o + 1) > now,
  roll(t, state, o, now) {
    const start = word(state, o + 1)
    if (word(state, o) === 0 || now >= start + t.windowUs) return open(state, o, now, now + t.windowUs, false)
    if (start > now) open(state, o, now, now + t.windowUs, true)
  },
})

/** Fixed window aligned to multiples of its length since the Unix epoch. */
export const epochWindow: Algorithm<FixedTerms> = fixedWindow<FixedTerms>({
  kind: 'epoch',
  compile: compileFixed,
  fields: (t) => [t.limit, t.windowUs],
  ahead: (t, state, o, now) => word(state, o + 1) > now - (now % t.windowUs),
  roll(t, state, o, now) {
    const start = now - (now % t.windowUs)
    align(state, o, start, start + t.windowUs)
  },
})

/** Fixed window aligned to the calendar of a time zone. */
export const calendarWindow: Algorithm<CalendarTerms> = fixedWindow<CalendarTerms>({
  kind: 'calendar',
  compile({ limit, window, timezone, path }) {
    checkLimit(limit, path)
    if (window.calendar !== null) {
      return { limit, calendar: new Calendar(window.calendar, timezone, `${path}.timezone`) }
    }
    const fix = 'write one minute, hour, day, week, month or year, as in 1000/day'
    throw invalid(path, `align: calendar needs a window of one calendar unit; ${fix}`, 'invalid-rule')
  },
  fields: (t) => [t.limit],
  extra: (t) => `${t.calendar.unit} ${t.calendar.timezone}`,
  ahead: (t, state, o, now) => word(state, o + 1) > t.calendar.seek(now).start,
  roll(t, state, o, now) {
    const { start, end } = t.calendar.seek(now)
    align(state, o, start, end)
  },
})

/** All three share their state, `count start end`, and everything but where a window begins. */
function fixedWindow<T extends { readonly limit: number }>(
  parts: Pick<Algorithm<T>, 'kind' | 'compile' | 'fields' | 'extra' | 'ahead'> & { readonly roll: Roll<T> },
): Algorithm<T> {
  const { roll, ...own } = parts
  const windowOf = (t: T): string => `${own.fields(t)[1]} ${own.extra?.(t)}`
  return {
    ...own,
    capacity: (t) => t.limit,
    words: () => 3,
    judge(t, state, o, now, cost) {
      roll(t, state, o, now)
      if (cost > t.limit) return NEVER
      return word(state, o) + cost <= t.limit ? 0 : word(state, o + 2) - now
    },
    spend(_, state, o, _now, cost) {
      state[o] = Math.min(STATE_MAX, word(state, o) + cost)
    },
    remaining: (t, state, o) => Math.max(0, t.limit - word(state, o)),
    reset: (_, state, o, now) => (word(state, o) === 0 ? 0 : word(state, o + 2) - now),
    used: (_, state, o) => word(state, o),
    load(t, state, o, now, units) {
      roll(t, state, o, now)
      state[o] = Math.min(STATE_MAX, units)
    },
    refund(_, state, o, _now, cost, mark) {
      // The end of a window is its name: a refund never reaches into another one.
      if (word(state, o + 2) === mark.recoveredAtUs) state[o] = Math.max(0, word(state, o) - cost)
    },
    convert(from, source, to, target, o) {
      if (windowOf(from) !== windowOf(to)) return false
      for (let i = 0; i < 3; i++) target[o + i] = word(source, i)
      return true
    },
  }
}

function compileFixed({ limit, window, path }: RuleSpec): FixedTerms {
  checkLimit(limit, path)
  return { limit, windowUs: window.ms * 1000 }
}

function checkLimit(limit: number, path: string): void {
  if (limit <= CAPACITY_MAX) return
  throw invalid(path, `limit ${limit} is above 2^51; use a smaller limit`, 'invalid-rule')
}

function align(state: State, o: number, start: number, end: number): void {
  const found = word(state, o + 1)
  if (found !== start) open(state, o, start, end, found > start)
}

function open(state: State, o: number, start: number, end: number, keepCount: boolean): void {
  if (!keepCount) state[o] = 0
  state[o + 1] = start
  state[o + 2] = end
}

function word(state: State, index: number): number {
  return state[index] as number
}
