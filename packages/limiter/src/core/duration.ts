import { invalid, show } from './errors.ts'
import { isWhole } from './validate.ts'

/** Units of the calendar, for windows aligned to it. */
export type CalendarUnit = 'minute' | 'hour' | 'day' | 'week' | 'month' | 'year'

interface Unit {
  readonly ms: number
  readonly names: readonly string[]
  readonly calendar: CalendarUnit | null
}

const unit = (ms: number, names: string, calendar: CalendarUnit | null = null): Unit => ({
  ms,
  names: names.split(' '),
  calendar,
})

// A month is 30 days and a year 365, as in Envoy's rate limit service; `align: calendar` takes the real ones.
const units = [
  unit(604_800_000, 'w week weeks', 'week'),
  unit(86_400_000, 'd day days', 'day'),
  unit(3_600_000, 'h hour hours', 'hour'),
  unit(60_000, 'm min minute minutes', 'minute'),
  unit(1000, 's sec second seconds'),
  unit(1, 'ms millisecond milliseconds'),
  unit(2_592_000_000, 'month months', 'month'),
  unit(31_536_000_000, 'y year years', 'year'),
]

/** A length of time: a string such as `500ms`, `1s`, `10m`, `1h`, `1d`, or a number of milliseconds. */
export type Duration = string | number

/** A window as read: its length, and the calendar unit it names when it is exactly one of them. */
export interface Window {
  readonly ms: number
  readonly calendar: CalendarUnit | null
}

const LONGEST_MS = 100 * 31_536_000_000
const hint = 'write a whole number and a unit, such as 500ms, 1s, 10m, 1h, 1d'

/** Reads a duration as whole milliseconds from 1 ms to 100 years; anything else is an `invalid-options` error. */
export function parseDuration(value: Duration, path: string): number {
  return parseWindow(value, path).ms
}

/** Reads a duration, keeping the calendar unit when it is one unit long (`day`, `1d`, `1 day`). */
export function parseWindow(value: Duration, path: string): Window {
  if (typeof value === 'number') return checked({ ms: value, calendar: null }, value, path)
  const match = typeof value === 'string' ? /^\s*([0-9]{1,15})?\s?([a-z]+)\s*$/i.exec(value) : null
  const name = match?.[2]?.toLowerCase() ?? ''
  const named = units.find(({ names }) => names.includes(name))
  if (named === undefined) throw invalid(path, `${show(value)} is not a duration; ${hint}`)
  const count = Number(match?.[1] ?? 1)
  return checked({ ms: count * named.ms, calendar: count === 1 ? named.calendar : null }, value, path)
}

function checked(window: Window, value: Duration, path: string): Window {
  if (isWhole(window.ms, 1) && window.ms <= LONGEST_MS) return window
  const range = 'a duration is a whole number of milliseconds from 1 ms to 100 years'
  throw invalid(path, `${show(value)} is out of range; ${range}`)
}

/** The shortest exact spelling of a number of milliseconds, such as `15m`; the default name of a rule. */
export function formatDuration(ms: number): string {
  const { names, ms: length } = units.find((one) => ms % one.ms === 0) as Unit
  return `${ms / length}${names[0]}`
}
