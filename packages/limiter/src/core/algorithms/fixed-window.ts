import { type Algorithm, NEVER, type RuleSpec, type State, word } from '../algorithm.ts'
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

/** All that differs between them: where the window of `now` begins, given the state so far, and where it ends. */
interface Windows<T> extends Pick<Algorithm<T & object>, 'kind' | 'compile' | 'fields' | 'extra'> {
  begin(terms: T, state: State, offset: number, now: number): number
  end(terms: T, begin: number): number
}

/** Fixed window from the first hit; at most N per window, so at most 2N around an edge. */
export const firstHitWindow: Algorithm<FixedTerms> = fixedWindow<FixedTerms>({
  kind: 'first-hit',
  compile: compileFixed,
  fields: (t) => [t.limit, t.windowUs],
  begin(t, state, o, now) {
    const start = word(state, o + 1)
    return word(state, o) === 0 || now >= start + t.windowUs ? now : Math.min(start, now)
  },
  end: (t, begin) => begin + t.windowUs,
})

/** Fixed window aligned to multiples of its length since the Unix epoch. */
export const epochWindow: Algorithm<FixedTerms> = fixedWindow<FixedTerms>({
  kind: 'epoch',
  compile: compileFixed,
  fields: (t) => [t.limit, t.windowUs],
  begin: (t, _state, _o, now) => now - (now % t.windowUs),
  end: (t, begin) => begin + t.windowUs,
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
  begin: (t, _state, _o, now) => t.calendar.seek(now).start,
  end: (t, begin) => t.calendar.seek(begin).end,
})

/** All three share their state, `count start end`. */
function fixedWindow<T extends { readonly limit: number }>(windows: Windows<T>): Algorithm<T> {
  const { begin, end, ...own } = windows
  const windowOf = (t: T): string => `${own.fields(t)[1]} ${own.extra?.(t)}`
  const roll = (t: T, state: State, o: number, now: number): void => {
    const start = begin(t, state, o, now)
    // A state of the future keeps its count: a clock went back.
    if (word(state, o + 1) < start) state[o] = 0
    state[o + 1] = start
    state[o + 2] = end(t, start)
  }
  return {
    ...own,
    ahead: (t, state, o, now) => word(state, o + 1) > begin(t, state, o, now),
    words: () => 3,
    judge(t, state, o, now, cost) {
      roll(t, state, o, now)
      if (cost > t.limit) return NEVER
      return word(state, o) + cost <= t.limit ? 0 : word(state, o + 2) - now
    },
    spend(_, state, o, _now, cost) {
      state[o] = Math.min(STATE_MAX, word(state, o) + cost)
    },
    reset: (_, state, o, now) => (word(state, o) === 0 ? 0 : word(state, o + 2) - now),
    used: (_, state, o) => word(state, o),
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
